import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { CallOptions, ChatStream } from "../../sdk/index.ts";
import { chatParams, chunk, done, embeddings, embedParams, json, silence } from "./local-server.ts";
import { useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });

const stalled: Handler = (response) => response.writeHead(200).write('{"data":');
const never = (): Promise<never> => new Promise(() => {});

/** A stream that has begun, and what goes on with it. */
async function begin(options: CallOptions): Promise<{ stream: ChatStream; write: (text: string) => void }> {
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (sink = controller) });
  const headers = { "content-type": "text/event-stream" };
  const fetch = (): Promise<Response> => Promise.resolve(new Response(body, { headers }));
  const caller = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch });
  const stream = await caller.chat({ ...chatParams, stream: true }, options);
  return { stream, write: (text) => sink?.enqueue(new TextEncoder().encode(text)) };
}

describe("an attempt's timeout", () => {
  const repeated = { attemptTimeoutMs: 250, maxRetries: 50, idempotencyKey: "one" };

  it("ends a silent attempt, and the next is made", async () => {
    server().answer(silence, json(200, embeddings));
    const result = await client().embed(embedParams, repeated);
    expect(result.meta.retries).toBeGreaterThan(0);
  });

  it("ends an attempt whose body stands still", async () => {
    server().answer(stalled, json(200, embeddings));
    const result = await client().embed(embedParams, repeated);
    expect(result.meta.retries).toBeGreaterThan(0);
  });

  it("is the error once the retries are used up", async () => {
    server().answer(silence);
    const error = await rejectionOf(client().embed(embedParams, { attemptTimeoutMs: 50, maxRetries: 1 }));
    expect(error).toMatchObject({ code: "timeout", retryable: true, status: undefined });
    expect(error.message).toContain("50 ms");
  });

  it("holds for a token function, and for a fetch that ignores signals", async () => {
    const options = { attemptTimeoutMs: 20, maxRetries: 0 };
    const waiting = new Headrace({ baseURL: server().url, token: never });
    expect((await rejectionOf(waiting.embed(embedParams, options))).code).toBe("timeout");
    const deaf = new Headrace({ baseURL: server().url, apiKey: "k", fetch: never });
    expect((await rejectionOf(deaf.embed(embedParams, options))).code).toBe("timeout");
  });
});

describe("a call's timeout", () => {
  it("ends the call, and is not retried", async () => {
    server().answer(silence);
    const error = await rejectionOf(client().embed(embedParams, { timeoutMs: 100 }));
    expect(error).toMatchObject({ code: "timeout", retryable: true });
    expect(server().seen.length).toBeLessThanOrEqual(1);
  });

  it("ends any number of attempts", async () => {
    server().answer(silence);
    const options = { timeoutMs: 300, attemptTimeoutMs: 20, maxRetries: 1_000_000 };
    expect((await rejectionOf(client().embed(embedParams, options))).code).toBe("timeout");
  });

  it("goes by the client's options where the call says nothing", async () => {
    server().answer(silence);
    const impatient = new Headrace({ baseURL: server().url, apiKey: "k", timeoutMs: 60 });
    expect((await rejectionOf(impatient.embed(embedParams))).message).toContain("60 ms");
  });

  it("may be without end", async () => {
    server().answer(json(200, embeddings));
    const options = { timeoutMs: Number.POSITIVE_INFINITY, attemptTimeoutMs: Number.POSITIVE_INFINITY };
    expect(await client().embed(embedParams, options)).toEqual(embeddings);
  });
});

describe("timeouts of a stream", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("the attempt's ends when it begins", async () => {
    const { stream, write } = await begin({ attemptTimeoutMs: 1000, timeoutMs: 10_000 });
    vi.advanceTimersByTime(9999);
    write(chunk("late") + done);
    expect(await stream.text()).toBe("late");
  });

  it("the call's goes on to its end", async () => {
    const { stream, write } = await begin({ timeoutMs: 10_000 });
    write(chunk("on time"));
    const read: unknown[] = [];
    const reading = (async () => {
      for await (const { choices } of stream) {
        read.push(choices[0]?.delta.content);
        vi.advanceTimersByTime(10_000);
      }
    })();
    expect(await rejectionOf(reading)).toMatchObject({ code: "timeout", retryable: true });
    expect(read).toEqual(["on time"]);
  });

  it("leave no timer when it has been left, or broken", async () => {
    const left = await begin({ attemptTimeoutMs: 1000 });
    left.write(chunk("a"));
    for await (const _ of left.stream) break;
    const broken = await begin({ attemptTimeoutMs: 1000 });
    broken.write("data: 7\n\n");
    await rejectionOf(broken.stream.text());
    expect(vi.getTimerCount()).toBe(0);
  });

  it("bound how long a complete stream's connection may stay open", async () => {
    const { stream, write } = await begin({ timeoutMs: 10_000 });
    write(chunk("a") + done);
    expect(await stream.text()).toBe("a");
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
