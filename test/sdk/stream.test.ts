import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { ChatStream } from "../../sdk/index.ts";
import { chatParams, chunk, done, events, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();

function open(handler: Handler): Promise<ChatStream> {
  server().answer(handler);
  const client = new Headrace({ baseURL: server().url, apiKey: "hr_live_secret" });
  return client.chat({ ...chatParams, stream: true });
}

describe("a chat stream", () => {
  it("gives the chunks as they were sent", async () => {
    const stream = await open(events(chunk("Hel"), ": ping\n\n", chunk("lo"), done));
    const contents = (await Array.fromAsync(stream)).map(({ choices }) => choices[0]?.delta.content);
    expect(contents).toEqual(["Hel", "lo"]);
  });

  it("asks for a stream in the body", async () => {
    await (await open(events(done))).text();
    expect(JSON.parse(server().seen[0]?.body ?? "")).toEqual({ ...chatParams, stream: true });
  });

  it("gives chunks before the stream ends", async () => {
    const read = Promise.withResolvers<void>();
    const stream = await open((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunk("first"));
      void read.promise.finally(() => response.end(done));
    });
    for await (const _ of stream) read.resolve();
  });

  it("joins the first choice's text", async () => {
    const second = 'data: {"choices":[{"index":1,"delta":{"content":"other"}}]}\n\n';
    const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}\n\n';
    const bare = 'data: {"choices":[{"delta":{"content":"!"}}]}\n\n';
    const stream = await open(events(role, chunk("né"), second, chunk(" 🦊"), bare, done));
    expect(await stream.text()).toBe("né 🦊!");
  });

  it("has its meta from the beginning, and usage at the end", async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const last = `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
    const stream = await open(events('data: {"choices":[],"usage":null}\n\n', chunk("a"), last, done));
    expect(stream.meta).toMatchObject({ requestId: "req_stream", status: 200, retries: 0 });
    expect(stream.usage).toBeUndefined();
    await stream.text();
    expect(stream.usage).toEqual(usage);
  });

  it("keeps characters whole that are cut between packets", async () => {
    const bytes = Buffer.from(chunk("水🦊") + done);
    const stream = await open((response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      const send = (index: number): void => {
        if (index === bytes.length) response.end();
        else response.write(bytes.subarray(index, index + 1), () => setImmediate(send, index + 1));
      };
      send(0);
    });
    expect(await stream.text()).toBe("水🦊");
  });

  it("is complete with [DONE], whatever follows", async () => {
    expect(await (await open(events(chunk("a"), done, "data: nonsense\n\n"))).text()).toBe("a");
    expect(await (await open(events(chunk("a"), "data: [DONE]"))).text()).toBe("a");
  });

  it("leaves its connection for the next call", async () => {
    const ports = new Set<number | undefined>();
    const handler: Handler = (response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunk("a"));
      setImmediate(() => response.write(done, () => setImmediate(() => response.end())));
    };
    for (let call = 0; call < 20; call += 1) await (await open(handler)).text();
    expect(ports.size).toBeLessThan(10);
  });

  it("can be read only once", async () => {
    const stream = await open(events(chunk("a"), done));
    await stream.text();
    await expect(stream.text()).rejects.toThrow(TypeError);
  });
});

describe("a broken stream", () => {
  it.each<[string, Handler]>([
    ["it ends without [DONE]", events(chunk("a"))],
    ["it is empty", events()],
    ["an event is not JSON", events(chunk("a"), "data: {oops\n\n", done)],
    ["an event is not a chunk", events(chunk("a"), "data: 7\n\n", done)],
    ["a chunk has no choices", events(chunk("a"), "data: {}\n\n", done)],
    ["an event is too long", events(`data: ${"x".repeat(2 ** 21)}`)],
    [
      "the connection is cut",
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_stream" });
        response.write(chunk("a"), () => setImmediate(() => response.destroy()));
      },
    ],
  ])("throws stream_broken where %s", async (_, handler) => {
    const error = await rejectionOf((await open(handler)).text());
    expect(error).toMatchObject({
      code: "stream_broken",
      requestId: "req_stream",
      retryable: true,
      status: undefined,
    });
  });

  it("has what came before the break read", async () => {
    const stream = await open(events(chunk("a"), chunk("b")));
    const read: unknown[] = [];
    const reading = (async () => {
      for await (const { choices } of stream) read.push(choices[0]?.delta.content);
    })();
    await rejectionOf(reading);
    expect(read).toEqual(["a", "b"]);
  });

  it("throws the error that the server sent", async () => {
    const error = {
      message: "The provider failed.",
      code: "upstream_error",
      param: null,
      request_id: "req_inner",
      retryable: true,
    };
    const stream = await open(events(chunk("a"), `data: ${JSON.stringify({ error })}\n\n`));
    expect(await rejectionOf(stream.text())).toMatchObject({
      message: "The provider failed.",
      code: "upstream_error",
      requestId: "req_stream",
      retryable: true,
    });
  });

  it.each<[string, unknown, string]>([
    ["a text", { error: "out of memory" }, "stream_broken"],
    ["a number as its code", { error: { message: "x", code: 502 } }, "502"],
    ["choices beside it", { error: { code: "server_error" }, choices: [] }, "server_error"],
  ])("understands another server's error: %s", async (_, body, code) => {
    const stream = await open(events(`data: ${JSON.stringify(body)}\n\n`, done));
    expect((await rejectionOf(stream.text())).code).toBe(code);
  });

  it("is none where a chunk says that there is no error", async () => {
    const stream = await open(events('data: {"error":null,"choices":[]}\n\n', done));
    expect(await stream.text()).toBe("");
  });

  it("shows no key that the server echoes", async () => {
    const stream = await open(events('data: {"error":{"message":"Bad key hr_live_secret"}}\n\n'));
    expect((await rejectionOf(stream.text())).message).toBe("Bad key [redacted]");
  });
});
