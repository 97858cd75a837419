import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../worker/contract/config/config.ts";
import { createWorker } from "../../worker/create-worker.ts";
import { Deployment } from "../../worker/deployment.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { buildRegistry } from "../../worker/providers/registry.ts";

const headers = {
  authorization: "Bearer hr_test_workerdworkerdworkerdworkerd",
  "content-type": "application/json",
};

/** A config whose one route is answered by a model of that name. */
const answeredBy = (model: string): ConfigInput => ({
  providers: { ai: { kind: "workers-ai" } },
  routes: { embed: { task: "embeddings", targets: [{ provider: "ai", model }], cache: false } },
});

/** An isolate of a deployment; what its provider is asked waits until the test lets it answer. */
function start(config: ConfigInput) {
  const asked: { readonly model: string; readonly answer: () => void }[] = [];
  const run = (model: string) =>
    new Promise<Response>((resolve) => {
      asked.push({ model, answer: () => resolve(Response.json({ shape: [1, 2], data: [[0.5, 1]] })) });
    });
  const environment = { ...(env as unknown as Environment), AI: { run } } as unknown as Environment;
  const deployment = new Deployment(config, buildRegistry({}));
  const worker = createWorker(deployment);
  const fetch = async (path: string, init: RequestInit = {}) => {
    const execution = createExecutionContext();
    const request = new Request(`https://gateway.example${path}`, { ...init, headers });
    const response = await worker.fetch?.(
      request as Parameters<NonNullable<typeof worker.fetch>>[0],
      environment,
      execution,
    );
    if (!response) throw new Error("no answer");
    const text = await response.text();
    await waitOnExecutionContext(execution);
    return { status: response.status, headers: response.headers, text };
  };
  return {
    asked,
    replace: (next: ConfigInput) => deployment.replace(environment, next),
    get: fetch,
    embed: (input: string) =>
      fetch("/v1/embeddings", { method: "POST", body: JSON.stringify({ model: "embed", input }) }),
    /** Resolves when the provider has been asked that often. */
    async untilAsked(times: number) {
      while (asked.length < times) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

describe("a release that is replaced", () => {
  it("is that of the next request, while one that has begun keeps its own", async () => {
    const isolate = start(answeredBy("@cf/before"));
    const begun = isolate.embed("one");
    await isolate.untilAsked(1);
    expect(await isolate.replace(answeredBy("@cf/after"))).toMatchObject({ ok: true });
    const next = isolate.embed("two");
    await isolate.untilAsked(2);
    expect(isolate.asked.map(({ model }) => model)).toEqual(["@cf/before", "@cf/after"]);
    for (const { answer } of isolate.asked) answer();
    const [old, fresh] = await Promise.all([begun, next]);
    expect([old.status, fresh.status]).toEqual([200, 200]);
    expect(old.headers.get("x-headrace-target")).toBe("targets[0]=ai/@cf/before");
    expect(fresh.headers.get("x-headrace-target")).toBe("targets[0]=ai/@cf/after");
    const versions = [old, fresh].map((each) => each.headers.get("x-headrace-config"));
    expect(versions).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}$/),
      expect.stringMatching(/^[0-9a-f]{12}$/),
    ]);
    expect(versions[0]).not.toBe(versions[1]);
  });

  it("stays where the next one is wrong", async () => {
    const isolate = start(answeredBy("@cf/before"));
    const before = (await isolate.get("/v1/models")).headers.get("x-headrace-config");
    const wrong = await isolate.replace({ ...answeredBy("@cf/after"), providers: {} });
    expect(wrong).toMatchObject({ ok: false, error: expect.stringContaining("there is no provider 'ai'") });
    const after = await isolate.get("/v1/models");
    expect(after.status).toBe(200);
    expect(after.headers.get("x-headrace-config")).toBe(before);
  });

  it("has the version it had when it comes back", async () => {
    const isolate = start(answeredBy("@cf/before"));
    const versionNow = async () => (await isolate.get("/healthz")).headers.get("x-headrace-config");
    const first = await versionNow();
    await isolate.replace(answeredBy("@cf/after"));
    expect(await versionNow()).not.toBe(first);
    await isolate.replace(answeredBy("@cf/before"));
    expect(await versionNow()).toBe(first);
  });
});

describe("a config that is wrong", () => {
  it.each(["/", "/healthz", "/v1/models", "/nothing"])("is all that %s tells", async (path) => {
    const isolate = start({ ...answeredBy("@cf/any"), providers: {} });
    const refused = await isolate.get(path);
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: "not_configured" } });
    expect(refused.headers.get("x-headrace-config")).toBe("none");
  });

  it("is forgotten once a right one replaces it", async () => {
    const isolate = start({ ...answeredBy("@cf/any"), providers: {} });
    expect((await isolate.get("/healthz")).status).toBe(503);
    await isolate.replace(answeredBy("@cf/any"));
    expect((await isolate.get("/healthz")).status).toBe(200);
  });
});
