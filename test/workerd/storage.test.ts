import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createHeadrace } from "../../worker/create-headrace.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { embedded } from "../../worker/providers/embedded/adapter.ts";
import config from "../fixtures/deployment/headrace.config.ts";

const KEY = "hr_test_workerdworkerdworkerdworkerd";
const real = env as unknown as Environment;
const failing = () => Promise.reject(new Error("KV PUT failed: 429 Too Many Requests"));

/** One isolate's Worker, with a KV whose named methods fail, or answer, as the platform's may. */
function startWorker(broken: readonly (keyof KVNamespace)[] = [], answer: () => Promise<unknown> = failing) {
  const kv = new Proxy(real.KV, {
    get(target, name) {
      if (broken.some((method) => method === name)) return answer;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const { worker } = createHeadrace(config, { providers: { embedded } });
  return async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const execution = createExecutionContext();
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const request = new Request(`https://gateway.example${path}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
    });
    const response = await worker.fetch?.(
      request as Parameters<NonNullable<typeof worker.fetch>>[0],
      { ...real, KV: kv },
      execution,
    );
    if (!response) throw new Error("no answer");
    const text = await response.text();
    await waitOnExecutionContext(execution);
    return {
      status: response.status,
      headers: response.headers,
      text,
      cache: response.headers.get("cache-status") ?? "",
    };
  };
}

const words = (input: string) => ({ model: "words-kv", input });

describe("the tiers", () => {
  it("answer from the data centre's cache in an isolate that has never seen the request", async () => {
    const body = words("a colo hit");
    expect((await startWorker()("/v1/embeddings", body)).cache).toContain("fwd=miss");
    const other = startWorker();
    expect((await other("/v1/embeddings", body)).cache).toContain("detail=colo");
    expect((await other("/v1/embeddings", body)).cache).toContain("detail=memory");
  });

  it("answer from KV where neither memory nor the data centre has it, and keep it near by", async () => {
    const body = words("a KV hit");
    await startWorker()("/v1/embeddings", body);
    const { keys } = await real.KV.list({ prefix: "cache:" });
    for (const { name } of keys)
      await caches.default.delete(`https://cache.headrace.invalid/${name.slice(6)}`);
    const other = startWorker();
    const hit = await other("/v1/embeddings", body);
    expect(hit.cache).toMatch(/hit; ttl=\d+; detail=kv/);
    expect((await other("/v1/embeddings", body)).cache).toContain("detail=memory");
    expect((await startWorker()("/v1/embeddings", body)).cache).toContain("detail=colo");
  });

  it("write KV with an expiry the platform takes, though the answer is stale sooner", async () => {
    await startWorker()("/v1/embeddings", { model: "words-brief", input: "brief" });
    const { keys } = await real.KV.list({ prefix: "cache:" });
    const expiries = keys.map(({ expiration }) => (expiration ?? 0) - Date.now() / 1000);
    expect(Math.min(...expiries)).toBeGreaterThan(50);
  });
});

describe("KV that fails", () => {
  it("that fails to store an entry leaves a miss: the request succeeds", async () => {
    const send = startWorker(["put"]);
    const first = await send("/v1/embeddings", words("no put"));
    expect(first.status).toBe(200);
    expect((await send("/v1/embeddings", words("no put"))).cache).toContain("detail=memory");
  });

  it("that fails to read an entry is a miss: the request succeeds", async () => {
    const answer = await startWorker(["getWithMetadata"])("/v1/embeddings", words("no get"));
    expect(answer.status).toBe(200);
    expect(answer.cache).toContain("fwd=miss");
  });

  it("does not yet have what was written elsewhere is a miss, and no request is charged twice", async () => {
    const body = words("a miss that is remembered");
    await startWorker()("/v1/embeddings", body);
    const { keys } = await real.KV.list({ prefix: "cache:" });
    for (const { name } of keys)
      await caches.default.delete(`https://cache.headrace.invalid/${name.slice(6)}`);
    const behind = startWorker(["getWithMetadata"], () => Promise.resolve({ value: null, metadata: null }));
    expect((await behind("/v1/embeddings", body)).cache).toContain("fwd=miss");
    const again = await behind("/v1/embeddings", body);
    expect(again.cache).toContain("; hit");
    expect(again.headers.get("x-headrace-cost-usd")).toBe("0");
  });

  it("that fails to read a key's record is a 503 that may be repeated, not a 401", async () => {
    const headers = { authorization: "Bearer hr_live_storedstoredstoredstoredstored" };
    const answer = await startWorker(["get"])("/v1/models", undefined, headers);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "overloaded", retryable: true } });
  });

  it("makes the gateway not ready, and still healthy", async () => {
    const send = startWorker(["get"]);
    expect((await send("/ready")).status).toBe(503);
    expect((await send("/healthz")).status).toBe(200);
  });
});

describe("a deployment that is set up wrongly", () => {
  const ask = async (environment: unknown, input: unknown = config) => {
    const { worker } = createHeadrace(input as typeof config, { providers: { embedded } });
    const request = new Request("https://gateway.example/v1/models");
    const answer = await worker.fetch?.(
      request as Parameters<NonNullable<typeof worker.fetch>>[0],
      environment as Environment,
      createExecutionContext(),
    );
    return {
      status: answer?.status,
      body: await answer?.json<{ error: { code: string; message: string } }>(),
    };
  };

  it("says which line of the config is wrong and what it may be", async () => {
    const broken = {
      ...config,
      aliases: {},
      routes: { embed: { task: "embeddings", targets: [{ provider: "opena", model: "m" }] } },
    };
    const { status, body } = await ask(real, broken);
    expect(status).toBe(503);
    expect(body?.error.message).toBe(
      "headrace.config.ts: routes.embed.targets[0].provider: there is no provider 'opena'; " +
        `there are: ${Object.keys(config.providers).join(", ")}`,
    );
  });

  it("says that KV is not bound", async () => {
    expect((await ask({ HEADRACE_API_KEY: KEY })).body?.error.message).toContain("KV");
  });

  it("says that the bootstrap key is malformed, and not what it is", async () => {
    const { body } = await ask({ ...real, HEADRACE_API_KEY: "hunter2" });
    expect(body?.error.message).toContain("HEADRACE_API_KEY");
    expect(body?.error.message).not.toContain("hunter2");
  });
});
