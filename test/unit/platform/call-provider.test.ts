import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type CallProvider,
  createCallProvider,
  type ProviderCall,
} from "../../../worker/platform/call-provider.ts";
import { ArrivingBodies } from "../../../worker/domain/requests/arriving-bodies.ts";
import { events, type Handler, json, silence, useLocalServer } from "../../sdk/local-server.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const provider = useLocalServer();
const ROOM = 1024 * 1024;
const arriving = new ArrivingBodies(() => Date.now(), ROOM);
const callProvider: CallProvider = createCallProvider(fetch, () => Date.now(), arriving);
const KEY = "sk-proj-abcdefghijklmnop";

/** Calls the test's provider; nothing is given up unless the test says so. */
function call(change: Partial<ProviderCall> = {}) {
  return callProvider({
    request: {
      url: `${provider().url}/v1/chat/completions`,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: '{"model":"big"}',
    },
    limits: { quietMs: 60_000, deadline: { at: Date.now() + 60_000 } },
    signal: new AbortController().signal,
    form: "json",
    ...change,
  });
}

async function failureOf(...handlers: Handler[]) {
  provider().answer(...handlers);
  return errorOf(await call());
}

const quietAfter = (quietMs: number) => ({ quietMs, deadline: { at: Date.now() + 60_000 } });
const deadlineIn = (ms: number) => ({ quietMs: 60_000, deadline: { at: Date.now() + ms } });
const page: Handler = (response) =>
  response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>");

describe("a call's way to the provider", () => {
  it("posts the request as it is, and gives the text of the answer as it is", async () => {
    provider().answer(json(200, { text: "Grüße" }));
    expect(valueOf(await call())).toEqual({ form: "json", text: '{"text":"Grüße"}' });
    expect(provider().seen).toMatchObject([
      {
        method: "POST",
        path: "/v1/chat/completions",
        body: '{"model":"big"}',
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      },
    ]);
  });

  it("takes any 2xx, and leaves the judgement of its text to the adapter", async () => {
    provider().answer((response) => response.writeHead(201).end("<html>"));
    expect(valueOf(await call())).toEqual({ form: "json", text: "<html>" });
  });

  it.each([{}, { "content-length": "3" }])(
    "puts U+FFFD in the place of bytes that are not UTF-8: %j",
    async (headers) => {
      provider().answer((response) =>
        response.writeHead(200, headers).end(new Uint8Array([0x22, 0xff, 0x22])),
      );
      expect(valueOf(await call())).toEqual({ form: "json", text: '"\ufffd"', bytes: undefined });
    },
  );

  it("gives up an answer for which there is no room beside others, and tries no other target for it", async () => {
    const begin: Handler = (response) => void response.writeHead(200).write("x".repeat(0.9 * ROOM));
    provider().answer(begin, begin, begin);
    const first = await Promise.race([call(), call(), call()]);
    expect(errorOf(first)).toMatchObject({ tryNext: false, error: { code: "overloaded" } });
    expect(arriving.total).toBeLessThan(2 * ROOM);
  });

  it("reads a compressed answer", async () => {
    provider().answer((response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}")),
    );
    expect(valueOf(await call())).toEqual({ form: "json", text: "{}" });
  });

  it.each([301, 302, 303, 307, 308])("follows no redirect: a %i is a failure", async (status) => {
    const error = await failureOf((response) => response.writeHead(status, { location: "/elsewhere" }).end());
    expect(error).toMatchObject({ tryNext: true, error: { code: "upstream_error" } });
    expect(provider().seen).toHaveLength(1);
  });
});

describe("a provider's refusal", () => {
  it("means what its adapter reads in it, where that knows better than status and headers", async () => {
    const readRefusal = (status: number, text: string) =>
      status === 400 && text.includes("bad hour") ? { status: 503, retryAfterMs: 5000 } : {};
    const read = async (status: number, words: string, headers = {}) => {
      provider().answer((response) =>
        response.writeHead(status, headers).end(JSON.stringify({ message: words })),
      );
      return errorOf(await call({ readRefusal }));
    };
    expect(await read(400, "bad hour")).toMatchObject({
      tryNext: true,
      error: { code: "upstream_error", retryAfterMs: 5000 },
    });
    expect(await read(400, "bad input")).toMatchObject({
      tryNext: false,
      error: { code: "invalid_request" },
    });
    expect(await read(400, "bad hour", { "retry-after": "7" })).toMatchObject({
      error: { retryAfterMs: 7000 },
    });
  });

  it.each([
    [400, "invalid_request", false],
    [401, "upstream_error", true],
    [403, "upstream_error", true],
    [404, "upstream_error", true],
    [408, "upstream_timeout", true],
    [413, "payload_too_large", false],
    [422, "model_input_invalid", false],
    [429, "rate_limited", true],
    [500, "upstream_error", true],
    [503, "upstream_error", true],
    [504, "upstream_timeout", true],
    [529, "overloaded", true],
  ])("%i is %s (next target: %s)", async (status, code, tryNext) => {
    expect(await failureOf(json(status, {}))).toMatchObject({ tryNext, error: { code } });
  });

  it.each([
    ["OpenAI", { error: { message: "bad input", type: "invalid_request_error", param: null, code: null } }],
    ["Ollama and text-embeddings-inference", { error: "bad input", error_type: "Validation" }],
    ["vLLM and Cohere", { object: "error", message: "bad input", type: "BadRequestError", code: 400 }],
    ["FastAPI", { detail: "bad input" }],
  ])("is told in the words of %s", async (_, body) => {
    const { error } = await failureOf(json(400, body));
    expect(error).toMatchObject({ message: "bad input", quote: "bad input" });
  });

  it.each([
    ["a page of HTML", "<html><body>502 Bad Gateway</body></html>"],
    ["nothing", ""],
    ["null", "null"],
    ["JSON cut short", '{"error":{"message":"half'],
  ])("that says %s is told in the table's words", async (_, body) => {
    const { error } = await failureOf((response) => response.writeHead(400).end(body));
    expect(error).toEqual({ code: "invalid_request", reason: "status 400" });
  });

  it("keeps its status where its body is too large to read", async () => {
    const huge = json(422, { error: { message: "x".repeat(70_000) } });
    expect((await failureOf(huge)).error).toEqual({ code: "model_input_invalid", reason: "status 422" });
  });

  it("keeps its status where its body is no text", async () => {
    const failed = await failureOf((response) => response.writeHead(400).end(new Uint8Array([0x7b, 0xff])));
    expect(failed).toMatchObject({ tryNext: false, error: { code: "invalid_request" } });
  });

  it("keeps its status and its Retry-After where its body breaks off", async () => {
    const failed = await failureOf((response) => {
      response.writeHead(429, { "retry-after": "7", "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    expect(failed.error).toMatchObject({ code: "rate_limited", retryAfterMs: 7000 });
  });

  it("is of a client's model only where the client has named it", async () => {
    const missing = json(404, {
      error: { message: "The model `big` does not exist", code: "model_not_found" },
    });
    expect((await failureOf(missing)).error.code).toBe("upstream_error");
    provider().answer(missing);
    expect(errorOf(await call({ modelFrom: "client" })).error.code).toBe("model_not_found");
  });

  it.each([
    ["7", 7000],
    ["0", 0],
    ["-1", undefined],
    ["soon", undefined],
  ])("with Retry-After: %s asks to wait %s ms", async (header, ms) => {
    expect((await failureOf(json(429, {}, { "retry-after": header }))).error.retryAfterMs).toBe(ms);
  });
});

describe("a provider that does not answer", () => {
  it("in time is a timeout, and another target may", async () => {
    provider().answer(silence);
    expect(errorOf(await call({ limits: quietAfter(20) }))).toMatchObject({
      tryNext: true,
      error: { code: "upstream_timeout" },
    });
  });

  it("in full is a timeout too", async () => {
    provider().answer((response) => response.writeHead(200).write('{"choices":'));
    const failed = errorOf(await call({ limits: quietAfter(20) }));
    expect(failed.error.code).toBe("upstream_timeout");
  });

  it("before the request's own deadline is told apart", async () => {
    provider().answer(silence);
    const failed = errorOf(await call({ limits: deadlineIn(20) }));
    expect(failed.error.code).toBe("deadline_exceeded");
  });

  it.each<[string, Handler, hasBegun: boolean]>([
    ["hangs up", (response) => response.destroy(), false],
    [
      "hangs up in the middle",
      (response) => response.writeHead(200).write("{", () => response.destroy()),
      true,
    ],
    [
      "lies about gzip",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("{}"),
      true,
    ],
  ])("but %s is broken, and another target may do better", async (_, handler, hasBegun) => {
    const failed = await failureOf(handler);
    expect(failed).toMatchObject({ tryNext: true, error: { code: "upstream_error" }, hasBegun });
    expect(failed.error).not.toHaveProperty("message");
  });

  it("where no server listens is an error, and its message does not name the address", async () => {
    const request = { url: "http://127.0.0.1:1/v1", headers: {}, body: "{}" };
    const failed = errorOf(await call({ request }));
    expect(failed).toMatchObject({ tryNext: true, error: { code: "upstream_error" } });
    expect(failed.error).not.toHaveProperty("message");
  });

  it("is refused where it is larger than 64 MB", async () => {
    const failed = await failureOf((response) =>
      response.writeHead(200).end(Buffer.alloc(65 * 1024 * 1024, "x")),
    );
    expect(failed).toMatchObject({ tryNext: true, error: { code: "upstream_invalid_response" } });
  });
});

describe("a client that leaves", () => {
  it("ends the call, and no other target is tried", async () => {
    const client = new AbortController();
    const hungUp = Promise.withResolvers<void>();
    provider().answer((response) => {
      response.on("close", hungUp.resolve);
      client.abort();
    });
    const failed = errorOf(await call({ signal: client.signal }));
    expect(failed).toMatchObject({ tryNext: false, error: { code: "client_closed" } });
    await hungUp.promise;
  });

  it("before the call was made sends nothing", async () => {
    const failed = errorOf(await call({ signal: AbortSignal.abort() }));
    expect(failed).toMatchObject({ tryNext: false, error: { code: "client_closed" } });
    expect(provider().seen).toEqual([]);
  });

  it("after the answer changes nothing", async () => {
    const client = new AbortController();
    provider().answer(json(200, {}));
    const reply = await call({ signal: client.signal });
    client.abort();
    expect(reply.ok).toBe(true);
  });
});

/** Opens a stream, where the provider starts one. */
async function openStream(change: Partial<ProviderCall> = {}) {
  const reply = valueOf(await call({ form: "events", ...change }));
  if (reply.form !== "events") throw new Error("expected a stream");
  return reply.stream;
}
const startStream: Handler = (response) =>
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" }).write("data: {}\n\n");

describe("a stream", () => {
  it("is handed over open", async () => {
    provider().answer(events("data: 1\n\n", "data: 2\n\n"));
    const stream = await openStream();
    expect(await new Response(stream.body).text()).toBe("data: 1\n\ndata: 2\n\n");
    stream.abort();
  });

  it.each([
    ["a page of HTML", page],
    ["words", ((response) => response.writeHead(200).end("upstream connect error")) satisfies Handler],
    ["nothing", ((response) => response.writeHead(200).end()) satisfies Handler],
  ])("is refused where it is %s", async (_, handler) => {
    provider().answer(handler);
    const failed = errorOf(await call({ form: "events" }));
    expect(failed).toMatchObject({ tryNext: true, error: { code: "upstream_invalid_response" } });
  });

  it.each([undefined, "text/plain", "application/json", "application/octet-stream"])(
    "is known by its beginning where its type is %s",
    async (type) => {
      const text = ": hello\n\ndata: 1\n\ndata: 2\n\n";
      for (const parts of [
        [text],
        [" ", "\n", text],
        [text.slice(0, 1), text.slice(1)],
        ["da", "ta: 1\n\n"],
      ]) {
        provider().answer((response) => {
          response.writeHead(200, type === undefined ? {} : { "content-type": type });
          for (const part of parts) response.write(part);
          response.end();
        });
        const stream = await openStream();
        expect(stream.misnamed).toBe(true);
        expect(await new Response(stream.body).text()).toBe(parts.join(""));
        stream.abort();
      }
    },
  );

  it("is a whole answer where that comes in its place", async () => {
    provider().answer(json(200, { text: "Grüße" }));
    const reply = valueOf(await call({ form: "events" }));
    expect(reply).toEqual({ form: "json", text: '{"text":"Grüße"}', bytes: undefined });
  });

  it("has the time of a whole answer from when that turns out to be one", async () => {
    provider().answer((response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"text":');
      setTimeout(() => response.end('"late"}'), 400);
    });
    const limits = { ...quietAfter(5000), firstMs: 150 };
    expect(valueOf(await call({ form: "events", limits }))).toMatchObject({ text: '{"text":"late"}' });
  });

  it("that never begins is refused by its status", async () => {
    provider().answer(json(400, { error: { message: "no tools here" } }));
    const failed = errorOf(await call({ form: "events" }));
    expect(failed).toMatchObject({ tryNext: false, error: { message: "no tools here" } });
  });

  it.each([
    ["upstream_timeout", "goes quiet", () => quietAfter(50)],
    ["deadline_exceeded", "passes the deadline", () => deadlineIn(50)],
  ])("is given up as %s when it %s", async (code, _, limits) => {
    provider().answer(startStream);
    const stream = await openStream({ limits: limits() });
    await expect(new Response(stream.body).text()).rejects.toThrow();
    expect(stream.givenUp()?.code).toBe(code);
  });

  it("ends when its client leaves", async () => {
    const client = new AbortController();
    provider().answer(startStream);
    const stream = await openStream({ signal: client.signal });
    client.abort();
    await expect(new Response(stream.body).text()).rejects.toThrow();
    expect(stream.givenUp()?.code).toBe("client_closed");
  });

  it("ends the provider's call when it is ended, and is not reported as given up", async () => {
    const hungUp = Promise.withResolvers<void>();
    provider().answer((response, request) => {
      response.on("close", hungUp.resolve);
      startStream(response, request);
    });
    const stream = await openStream();
    stream.abort();
    await hungUp.promise;
    expect(stream.givenUp()).toBeUndefined();
  });
});
