import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { CallOptions, ChatStream, StreamRestart } from "../../sdk/index.ts";
import { chatParams, chunk, done, events, json, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const told: StreamRestart[] = [];

/** Opens a stream that begins anew where it breaks; the nth request is answered by the nth handler. */
function open(handlers: readonly Handler[], options: CallOptions = {}): Promise<ChatStream> {
  told.length = 0;
  server().answer(...handlers);
  const client = new Headrace({ baseURL: server().url, apiKey: "k" });
  const onRestart = (restart: StreamRestart) => void told.push(restart);
  return client.chat({ ...chatParams, stream: true }, { onBreak: "restart", onRestart, ...options });
}

/** What a reader shows who starts over when told to. */
async function show(stream: ChatStream): Promise<string> {
  let shown = "";
  let restarts = 0;
  for await (const { choices } of stream) {
    if (told.length > restarts) shown = "";
    restarts = told.length;
    shown += choices[0]?.delta.content ?? "";
  }
  return shown;
}

const cut = events(chunk("half of"));
const whole = events(chunk("all of "), chunk("it"), done);
const failed = (fields: object): Handler =>
  events(chunk("half"), `data: ${JSON.stringify({ error: { message: "No.", ...fields } })}\n\n`);
const reset: Handler = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk("half"), () => setImmediate(() => response.destroy()));
};

describe("a stream that begins anew where it breaks", () => {
  it.each<[string, Handler]>([
    ["ends without [DONE]", cut],
    ["has an error event", failed({ code: "upstream_timeout", retryable: true })],
    ["loses its connection", reset],
    ["sends what is no chunk", events(chunk("half"), "data: {oops\n\n")],
  ])("gives the whole of the next answer where it %s", async (_, broken) => {
    expect(await show(await open([broken, whole]))).toBe("all of it");
    expect(server().seen).toHaveLength(2);
    expect(server().seen[1]?.body).toBe(server().seen[0]?.body);
  });

  it("tells its reader before the first chunk of the new answer, why and how often", async () => {
    const stream = await open([failed({ code: "upstream_timeout", retryable: true }), cut, whole]);
    expect(await show(stream)).toBe("all of it");
    expect(told).toMatchObject([
      { restarts: 1, error: { code: "upstream_timeout" } },
      { restarts: 2, error: { code: "stream_broken" } },
    ]);
    expect(stream.restarts).toBe(2);
    expect(stream.meta.retries).toBe(2);
  });

  it("leaves nothing of what was void in its text, and in its usage", async () => {
    const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 1, total_tokens: 1 } })}\n\n`;
    const stream = await open([events(chunk("half"), usage), whole]);
    expect(await stream.text()).toBe("all of it");
    expect(stream.usage).toBeUndefined();
  });

  it("gives no text where the new answer has none", async () => {
    expect(await (await open([cut, events(done)])).text()).toBe("");
  });

  it("has the meta of the answer that is read", async () => {
    const second: Handler = (response) => {
      response
        .writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_second" })
        .end(done);
    };
    const stream = await open([cut, second]);
    expect(stream.meta.requestId).toBe("req_stream");
    await stream.text();
    expect(stream.meta.requestId).toBe("req_second");
  });

  it("is given up after maxRetries, those before its start among them", async () => {
    const stream = await open([json(503, {}), cut, cut, whole], { maxRetries: 2 });
    expect(await rejectionOf(show(stream))).toMatchObject({ code: "stream_broken" });
    expect(server().seen).toHaveLength(3);
  });

  it("is given up at once where there are to be no retries", async () => {
    const stream = await open([cut, whole], { maxRetries: 0 });
    expect(await rejectionOf(show(stream))).toMatchObject({ code: "stream_broken" });
    expect(server().seen).toHaveLength(1);
  });

  it("does not begin anew for what its caller has done wrong", async () => {
    const error = { code: "context_length_exceeded", retryable: false };
    expect(await rejectionOf(show(await open([failed(error), whole])))).toMatchObject({ code: error.code });
    expect([told, server().seen.length - 1]).toEqual([[], 0]);
  });

  it("ends with the error of a restart that is refused", async () => {
    const refusal = json(401, { error: { message: "Gone.", code: "unauthenticated" } });
    expect(await rejectionOf(show(await open([cut, refusal, whole])))).toMatchObject({ status: 401 });
    expect(told).toEqual([]);
  });

  it("goes on with retries where a restart meets a failure that may pass", async () => {
    expect(await show(await open([cut, json(503, {}), whole]))).toBe("all of it");
    expect(server().seen).toHaveLength(3);
  });

  it("sends the caller's key every time", async () => {
    await show(await open([cut, whole], { idempotencyKey: "mine" }));
    expect(server().seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["mine", "mine"]);
  });

  it("makes no key of its own", async () => {
    await show(await open([cut, whole]));
    expect(server().seen.flatMap(({ headers }) => headers["idempotency-key"] ?? [])).toEqual([]);
  });

  it("is aborted while it begins anew", async () => {
    const controller = new AbortController();
    const hang: Handler = () => controller.abort();
    const stream = await open([cut, hang], { signal: controller.signal });
    expect(await rejectionOf(show(stream))).toMatchObject({ code: "aborted" });
    expect(told).toEqual([]);
  });

  it("does not outlast its timeout", async () => {
    const stream = await open([cut, () => {}], { timeoutMs: 300 });
    expect(await rejectionOf(show(stream))).toMatchObject({ code: "timeout" });
  });

  it("ends its request when its reader leaves after a restart", async () => {
    const gone = Promise.withResolvers<void>();
    const endless: Handler = (response) => {
      response.on("close", gone.resolve).writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk("second"));
    };
    for await (const { choices } of await open([cut, endless]))
      if (choices[0]?.delta.content === "second") break;
    await gone.promise;
  });

  it("passes on what its reader throws when it is told", async () => {
    const bug = new Error("a bug of the reader");
    const stream = await open([cut, whole], {
      onRestart: () => {
        throw bug;
      },
    });
    await expect(show(stream)).rejects.toBe(bug);
  });
});

describe("onBreak", () => {
  const client = () => new Headrace({ baseURL: "http://127.0.0.1:9", apiKey: "k" });
  const ask = (options: object) => client().chat({ ...chatParams, stream: true }, options);

  it("throws unless it says so", async () => {
    expect(await rejectionOf(show(await open([cut, whole], { onBreak: "throw" })))).toMatchObject({
      code: "stream_broken",
    });
    expect(server().seen).toHaveLength(1);
  });

  it.each([
    [{ onBreak: "resume" }, '"onBreak" must be "throw" or "restart"'],
    [{ onBreak: "restart" }, '"onRestart" must be a function'],
    [{ onBreak: "restart", onRestart: true }, '"onRestart" must be a function'],
  ])("is checked: %j", async (options, message) => {
    await expect(ask(options)).rejects.toThrow(message);
  });
});
