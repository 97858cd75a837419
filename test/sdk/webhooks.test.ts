import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { HeadraceError, isHeadraceError, unwrap } from "../../sdk/webhooks/index.ts";
import type { JobWebhook } from "../../sdk/webhooks/index.ts";
import { rejectionOf } from "./rejection.ts";

const makeSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;
const secret = makeSecret();
const payload: JobWebhook = {
  type: "job.succeeded",
  timestamp: "2026-01-01T00:00:00.000Z",
  data: {
    id: `job_${"a".repeat(43)}`,
    status: "succeeded",
    task: "embeddings",
    model: "embed",
    metadata: { user: "Zoë 🦊" },
    created_at: "2026-01-01T00:00:00.000Z",
    ended_at: "2026-01-01T00:00:00.000Z",
    error: null,
  },
};
const body = JSON.stringify(payload);

/** The headers of a webhook as the reference library signs it. */
function sign(by = secret, { text = body, ageSeconds = 0 } = {}): Record<string, string> {
  const at = new Date(Date.now() - ageSeconds * 1000);
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(by).sign("msg_1", at, text),
  };
}

const refusal = { code: "webhook_invalid", status: undefined, retryable: false };

describe("unwrap", () => {
  it("gives what the reference library signed", async () => {
    expect(await unwrap(body, sign(), secret)).toEqual(payload);
  });

  it("takes headers as any runtime has them", async () => {
    expect(await unwrap(body, new Headers(sign()), secret)).toEqual(payload);
    const spelled = Object.entries(sign()).map(([name, value]) => [name.toUpperCase(), value]);
    expect(await unwrap(body, Object.fromEntries(spelled), secret)).toEqual(payload);
    const lists = Object.entries(sign()).map(([name, value]) => [name, [value]]);
    expect(await unwrap(body, Object.fromEntries(lists), secret)).toEqual(payload);
  });

  it("takes a secret without its prefix", async () => {
    expect(await unwrap(body, sign(), secret.slice("whsec_".length))).toEqual(payload);
  });

  it("takes several secrets and several signatures, of which any may be right", async () => {
    const [old, other] = [makeSecret(), makeSecret()];
    expect(await unwrap(body, sign(old), [secret, old])).toEqual(payload);
    const signatures = ["v1a,AAAA", "v1,%%%", "v1,", "v1", "", sign(other)["webhook-signature"]];
    const both = [...signatures, sign()["webhook-signature"]].join(" ");
    expect(await unwrap(body, { ...sign(), "webhook-signature": both }, secret)).toEqual(payload);
  });

  it.each<[string, () => Parameters<typeof unwrap>]>([
    ["another secret's signature", () => [body, sign(makeSecret()), secret]],
    ["no secret", () => [body, sign(), []]],
    ["another body", () => [body.replace("succeeded", "failed"), sign(), secret]],
    ["another id", () => [body, { ...sign(), "webhook-id": "msg_2" }, secret]],
    [
      "another time",
      () => [
        body,
        { ...sign(), "webhook-timestamp": sign(secret, { ageSeconds: 9 })["webhook-timestamp"] },
        secret,
      ],
    ],
    ["a signature cut short", () => [body, { ...sign(), "webhook-signature": "v1,AAAA" }, secret]],
    [
      "a signature of another version",
      () => [
        body,
        { ...sign(), "webhook-signature": sign()["webhook-signature"]?.replace("v1", "v2") },
        secret,
      ],
    ],
    ["no headers", () => [body, {}, secret]],
    ["a time that is none", () => [body, { ...sign(), "webhook-timestamp": "soon" }, secret]],
    ["a body that is no JSON", () => ["{", sign(secret, { text: "{" }), secret]],
  ])("refuses %s", async (_, make) => {
    const error = await rejectionOf(unwrap(...make()));
    expect(error).toMatchObject(refusal);
    expect(isHeadraceError(error) && error instanceof HeadraceError).toBe(true);
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("refuses it without %s", async (name) => {
    const { [name]: _, ...rest } = sign();
    expect(await rejectionOf(unwrap(body, rest, secret))).toMatchObject(refusal);
  });

  it.each([-310, 310])("refuses what is %i s old", async (ageSeconds) => {
    expect(await rejectionOf(unwrap(body, sign(secret, { ageSeconds }), secret))).toMatchObject(refusal);
  });

  it.each([-290, 290])("takes what is %i s old", async (ageSeconds) => {
    expect(await unwrap(body, sign(secret, { ageSeconds }), secret)).toEqual(payload);
  });

  it("is as tolerant as it is told to be", async () => {
    const headers = sign(secret, { ageSeconds: 1000 });
    expect(await unwrap(body, headers, secret, { toleranceSeconds: 1100 })).toEqual(payload);
    expect(await rejectionOf(unwrap(body, headers, secret, { toleranceSeconds: 900 }))).toMatchObject(
      refusal,
    );
  });

  it.each(["", "whsec_", "whsec_not base64!"])(
    "is a TypeError for the secret '%s', which it does not show",
    async (none) => {
      const error: unknown = await unwrap(body, sign(), [secret, none]).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      expect(inspect(error)).not.toContain("not base64!");
    },
  );

  it("refuses the reference library's signature over what merely looks the same", async () => {
    const composed = JSON.stringify({ name: "Zoë".normalize("NFC") });
    const decomposed = JSON.stringify({ name: "Zoë".normalize("NFD") });
    expect(await rejectionOf(unwrap(decomposed, sign(secret, { text: composed }), secret))).toMatchObject(
      refusal,
    );
  });
});
