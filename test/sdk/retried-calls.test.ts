import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { CallOptions, Fetch } from "../../sdk/index.ts";
import { findNobody } from "./closed-port.ts";
import { chatParams, chunk, done, embeddings, embedParams, events, json } from "./local-server.ts";
import { silence, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });
const now = { "retry-after": "0" };

describe("a call", () => {
  it.each([408, 429, 500, 502, 503, 504, 599])("is retried after %i", async (status) => {
    server().answer(json(status, {}, now), json(200, embeddings));
    expect((await client().embed(embedParams)).meta.retries).toBe(1);
  });

  it.each([400, 401, 403, 404, 409, 413, 422])(
    "is not retried after %i, whatever Retry-After says",
    async (status) => {
      server().answer(json(status, {}, now));
      expect((await rejectionOf(client().embed(embedParams))).status).toBe(status);
      expect(server().seen).toHaveLength(1);
    },
  );

  it("is retried twice, unless said", async () => {
    server().answer(json(503, {}, now));
    await rejectionOf(client().embed(embedParams));
    expect(server().seen).toHaveLength(3);
  });

  it.each([
    [0, 1],
    [4, 5],
  ])("with maxRetries %i makes %i attempts at most", async (maxRetries, attempts) => {
    server().answer(json(503, {}, now));
    await rejectionOf(client().embed(embedParams, { maxRetries }));
    expect(server().seen).toHaveLength(attempts);
  });

  it("goes by the client's maxRetries where it says nothing itself", async () => {
    server().answer(json(503, {}, now));
    await rejectionOf(new Headrace({ baseURL: server().url, apiKey: "k", maxRetries: 1 }).embed(embedParams));
    expect(server().seen).toHaveLength(2);
  });

  it("sends the same body and idempotency key each time", async () => {
    server().answer(json(503, {}, now), json(503, {}, now), json(200, embeddings));
    await client().embed(embedParams, { idempotencyKey: "one" });
    expect(server().seen.map(({ body }) => JSON.parse(body))).toEqual([
      embedParams,
      embedParams,
      embedParams,
    ]);
    expect(server().seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["one", "one", "one"]);
  });

  it.each(["-1", "never", "Sun, 06 Nov 1994 08:49:37 GMT"])(
    "backs off by itself at Retry-After '%s'",
    async (value) => {
      server().answer(json(503, {}, { "retry-after": value }), json(200, embeddings));
      expect((await client().embed(embedParams)).meta.retries).toBe(1);
    },
  );

  it.each<[string, CallOptions, number]>([
    ["61", { timeoutMs: 600_000 }, 61_000],
    ["30", { timeoutMs: 29_000 }, 30_000],
  ])("fails at once at Retry-After %s with %j", async (value, options, retryAfterMs) => {
    server().answer(json(429, {}, { "retry-after": value }));
    expect(await rejectionOf(client().embed(embedParams, options))).toMatchObject({
      status: 429,
      retryAfterMs,
    });
    expect(server().seen).toHaveLength(1);
  });

  it("fails at once at a date beyond a minute", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    server().answer(json(503, {}, { "retry-after": date }));
    const error = await rejectionOf(client().embed(embedParams, { timeoutMs: 7_200_000 }));
    expect(error.retryAfterMs).toBeGreaterThan(60_000);
    expect(server().seen).toHaveLength(1);
  });

  it("is not retried where x-should-retry says so, though it may be later", async () => {
    server().answer(json(503, {}, { ...now, "x-should-retry": "false" }));
    expect((await rejectionOf(client().embed(embedParams))).status).toBe(503);
    expect(server().seen).toHaveLength(1);
  });

  it("is retried where x-should-retry says so, whatever the status", async () => {
    server().answer(json(409, {}, { ...now, "x-should-retry": "true" }), json(200, embeddings));
    expect((await client().embed(embedParams)).meta.retries).toBe(1);
  });

  it("is not retried where the gateway's error says that it is of no use", async () => {
    server().answer(json(503, { error: { code: "not_configured", retryable: false } }, now));
    expect((await rejectionOf(client().embed(embedParams))).code).toBe("not_configured");
    expect(server().seen).toHaveLength(1);
  });

  it("x-should-retry goes before the error's own word", async () => {
    const gone = { error: { code: "upstream_error", retryable: true } };
    server().answer(json(502, gone, { ...now, "x-should-retry": "false" }));
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({ retryable: true });
    expect(server().seen).toHaveLength(1);
  });

  it("lets go of a failed attempt's endless body before the next", async () => {
    const closed = Promise.withResolvers<void>();
    const endless: Handler = (response) => {
      const write = (): boolean => response.write("x".repeat(65_536));
      response.on("drain", write).on("close", closed.resolve);
      response.writeHead(503, now);
      write();
    };
    server().answer(endless, json(200, embeddings));
    expect((await client().embed(embedParams)).meta.retries).toBe(1);
    await closed.promise;
  });
});

const lost: [string, Handler][] = [
  ["closed without an answer", (response) => void response.destroy()],
  [
    "cut in the middle of its answer",
    (response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"data":', () => response.destroy());
    },
  ],
];

describe("a call whose answer was lost", () => {
  it.each(lost)(
    "is not sent again where the connection is %s: the server may have acted",
    async (_, broken) => {
      server().answer(broken, json(200, embeddings));
      const error = await rejectionOf(client().embed(embedParams));
      expect(error).toMatchObject({ code: "connection_error", retryable: true });
      expect(server().seen).toHaveLength(1);
    },
  );

  it.each(lost)("is sent again under its key where the connection is %s", async (_, broken) => {
    server().answer(broken, json(200, embeddings));
    const { meta } = await client().embed(embedParams, { idempotencyKey: "one" });
    expect(meta.retries).toBe(1);
    expect(server().seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["one", "one"]);
  });

  it("is sent again where a header gives the key", async () => {
    server().answer((response) => response.destroy(), json(200, embeddings));
    const headers = { "Idempotency-Key": "one" };
    expect((await client().embed(embedParams, { headers })).meta.retries).toBe(1);
  });

  it.each(lost)("is sent again where it only reads and the connection is %s", async (_, broken) => {
    server().answer(broken, json(200, { data: [] }));
    expect((await client().models()).meta.retries).toBe(1);
  });

  it("is not sent again when an attempt's time is over, but under its key it is", async () => {
    server().answer(silence);
    const options = { attemptTimeoutMs: 30, maxRetries: 2 };
    expect((await rejectionOf(client().embed(embedParams, options))).code).toBe("timeout");
    expect(server().seen.length).toBeLessThanOrEqual(1);
    await rejectionOf(
      client().embed(embedParams, { ...options, attemptTimeoutMs: 250, idempotencyKey: "one" }),
    );
    expect(
      server().seen.filter(({ headers }) => headers["idempotency-key"] === "one").length,
    ).toBeGreaterThan(1);
  });

  it("is sent again where it never was: nobody listened", async () => {
    const urls = [await findNobody(), `${server().url}/v1/embeddings`];
    const fetch: Fetch = (_, init) => globalThis.fetch(urls.shift() ?? "", init);
    server().answer(json(200, embeddings));
    const caller = new Headrace({ baseURL: server().url, apiKey: "k", fetch });
    expect((await caller.embed(embedParams)).meta.retries).toBe(1);
    expect(server().seen).toHaveLength(1);
  });
});

describe("a stream", () => {
  it("is retried before it begins", async () => {
    server().answer(json(503, {}, now), json(429, {}, now), events(chunk("Hi"), done));
    const stream = await client().chat({ ...chatParams, stream: true });
    expect(stream.meta.retries).toBe(2);
    expect(await stream.text()).toBe("Hi");
  });

  it("is not retried once it has begun", async () => {
    server().answer(events(chunk("Hi")), events(chunk("Hi"), done));
    const stream = await client().chat({ ...chatParams, stream: true });
    expect((await rejectionOf(stream.text())).code).toBe("stream_broken");
    expect(server().seen).toHaveLength(1);
  });
});
