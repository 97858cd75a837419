import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Scope } from "../../../worker/contract/endpoints.ts";
import { sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import type { Release } from "../../../worker/domain/config/release.ts";
import { admitRequest } from "../../../worker/http/admit-request.ts";
import { openContext } from "../../../worker/http/request-context.ts";
import { createKeyStore } from "../../../worker/platform/key-store.ts";
import { consoleLog } from "../../../worker/platform/log.ts";

const { KV: kv } = env as unknown as { readonly KV: KVNamespace };
const record = (tenant: string) => JSON.stringify({ tenant, name: "test", createdAt: "2026-01-01" });

const release: Release = {
  version: "r1",
  config: {} as Release["config"],
  catalog: {} as Release["catalog"],
};

/** Keys of a deployment, and a clock; the key of the deployment itself, and one that a tenant was given. */
async function openKeys() {
  const [deployment, stored] = ["deployment", "stored"].map(
    (name) => `hr_test_${name}_${crypto.randomUUID()}`,
  );
  if (deployment === undefined || stored === undefined) throw new Error("there are two");
  await kv.put(`key:${await sha256Hex(stored)}`, record("acme"));
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const findKey = createKeyStore({ kv, bootstrapDigest: await sha256Hex(deployment), now });
  const admit = (headers: Record<string, string>, needs: Scope = "token") => {
    const request = new Request("https://gateway.example/v1/models", { headers });
    const context = openContext(request, {
      nextId: () => "r1",
      now,
      defer: () => undefined,
      outlive: () => undefined,
    });
    return admitRequest(request, needs, context, { findKey, services: { log: consoleLog }, release });
  };
  return { deployment, stored, clock, admit };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("a request is admitted", () => {
  it("by any key to what needs a token or a key, and only by the deployment's own as an admin", async () => {
    const { deployment, stored, admit } = await openKeys();
    for (const needs of ["token", "key"] as const) {
      expect(await admit(bearer(stored), needs)).toMatchObject({ ok: true });
      expect(await admit(bearer(deployment), needs)).toMatchObject({ ok: true });
    }
    expect(await admit(bearer(deployment), "admin")).toMatchObject({ ok: true });
    expect(await admit(bearer(stored), "admin")).toEqual({ ok: false, error: { code: "scope_denied" } });
  });

  it("as its key's tenant, wherever the key stands and however often it has come", async () => {
    const { stored, admit } = await openKeys();
    const keyId = (await sha256Hex(stored)).slice(0, 16);
    for (const headers of [
      bearer(stored),
      bearer(stored),
      { authorization: `bearer   ${stored} ` },
      { "x-api-key": stored },
      { "api-key": stored },
      { authorization: "Bearer sk-of-another-service", "api-key": stored },
      { authorization: "Basic YTpi", "x-api-key": stored },
      { "sec-websocket-protocol": `headrace.v1, bearer.${stored}` },
    ]) {
      const admitted = await admit(headers);
      expect(admitted).toMatchObject({ ok: true, value: { caller: { tenant: "acme", keyId } } });
    }
  });

  it("without a digest where its key has come before, wherever that stood", async () => {
    const { stored, admit } = await openKeys();
    const digest = vi.spyOn(crypto.subtle, "digest");
    for (const headers of [bearer(stored), bearer(stored), { "x-api-key": stored }]) await admit(headers);
    expect(digest).toHaveBeenCalledTimes(1);
    digest.mockRestore();
  });

  it("by what is its own key only: what else came beside one that was good is not remembered for it", async () => {
    const { stored, admit } = await openKeys();
    await admit({ authorization: "Basic YTpi", "x-api-key": stored });
    for (const headers of [
      { authorization: "Basic YTpi" },
      { authorization: stored },
      { authorization: `Bearer ${stored}x` },
      { authorization: `Bearer ${stored.slice(0, -1)}` },
      { "x-api-key": `Bearer ${stored}` },
      {},
    ]) {
      expect(await admit(headers)).toMatchObject({ ok: false, error: { code: "unauthenticated" } });
    }
  });

  it("until its key is revoked, and half a minute after: a digest that is known is no key that is known", async () => {
    const { stored, clock, admit } = await openKeys();
    expect(await admit(bearer(stored))).toMatchObject({ ok: true });
    await kv.delete(`key:${await sha256Hex(stored)}`);
    expect(await admit(bearer(stored))).toMatchObject({ ok: true });
    clock.now += 30_000;
    expect(await admit(bearer(stored))).toEqual({
      ok: false,
      error: {
        code: "unauthenticated",
        message: "The header Authorization holds a key that this gateway does not know.",
      },
    });
  });
});
