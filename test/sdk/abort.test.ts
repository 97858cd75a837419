import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { Fetch } from "../../sdk/index.ts";
import {
  chatParams,
  chunk,
  done,
  embeddings,
  embedParams,
  events,
  json,
  useLocalServer,
} from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });
const streamParams = { ...chatParams, stream: true } as const;

/** Sends these pieces and leaves the stream open; `closed` settles when the client has gone. */
function openStream(...pieces: string[]): { handler: Handler; closed: Promise<void> } {
  const gone = Promise.withResolvers<void>();
  const handler: Handler = (response) => {
    response.on("close", gone.resolve).writeHead(200, { "content-type": "text/event-stream" });
    response.write(pieces.join(""));
  };
  return { handler, closed: gone.promise };
}

describe("abort", () => {
  it("before the call sends nothing, and does not ask for a token", async () => {
    const asked: string[] = [];
    const token = (): string => {
      asked.push("token");
      return "t";
    };
    const reason = new Error("The user left.");
    const call = new Headrace({ baseURL: server().url, token }).embed(embedParams, {
      signal: AbortSignal.abort(reason),
    });
    expect(await rejectionOf(call)).toMatchObject({ code: "aborted", cause: reason, retryable: false });
    expect([asked, server().seen]).toEqual([[], []]);
  });

  it("during the request closes the connection", async () => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    server().answer((response) => {
      response.on("close", closed.resolve);
      controller.abort("enough");
    });
    const error = await rejectionOf(client().embed(embedParams, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", cause: "enough" });
    await closed.promise;
    expect(server().seen).toHaveLength(1);
  });

  it("while waiting to retry ends the wait", async () => {
    const controller = new AbortController();
    server().answer((response) => {
      response.on("finish", () => setImmediate(() => controller.abort()));
      response.writeHead(503, { "retry-after": "60" }).end();
    });
    const options = { signal: controller.signal, timeoutMs: 600_000 };
    expect((await rejectionOf(client().embed(embedParams, options))).code).toBe("aborted");
    expect(server().seen).toHaveLength(1);
  });

  it("during a stream throws from the loop, and closes the connection", async () => {
    const controller = new AbortController();
    const { handler, closed } = openStream(chunk("one"));
    server().answer(handler);
    const stream = await client().chat(streamParams, { signal: controller.signal });
    const reason = new Error("Stop button.");
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const { choices } of stream) {
        seen.push(choices[0]?.delta.content);
        setImmediate(() => controller.abort(reason));
      }
    })();
    expect(await rejectionOf(reading)).toMatchObject({ code: "aborted", cause: reason });
    expect(seen).toEqual(["one"]);
    await closed;
  });

  it("during a stream keeps back the chunks that had come already", async () => {
    const controller = new AbortController();
    server().answer(events(chunk("one") + chunk("two") + done));
    const stream = await client().chat(streamParams, { signal: controller.signal });
    let read = 0;
    const reading = (async () => {
      for await (const _ of stream) {
        read += 1;
        controller.abort();
      }
    })();
    expect((await rejectionOf(reading)).code).toBe("aborted");
    expect(read).toBe(1);
  });

  it("of a stream that nobody reads closes the connection", async () => {
    const controller = new AbortController();
    const { handler, closed } = openStream(chunk("one"));
    server().answer(handler);
    await client().chat(streamParams, { signal: controller.signal });
    controller.abort();
    await closed;
  });

  it("after the answer is too late to matter", async () => {
    const controller = new AbortController();
    server().answer(json(200, embeddings));
    const result = await client().embed(embedParams, { signal: controller.signal });
    controller.abort();
    expect(result).toEqual(embeddings);
  });
});

/** A fetch that gives this body when told to, and takes no notice of signals. */
function deafFetch(contentType: string): { fetch: Fetch; answer: () => void; cancelled: Promise<void> } {
  const cancelled = Promise.withResolvers<void>();
  const response = Promise.withResolvers<Response>();
  const body = new ReadableStream({ cancel: () => cancelled.resolve() });
  const answer = (): void =>
    response.resolve(new Response(body, { headers: { "content-type": contentType } }));
  return { fetch: () => response.promise, answer, cancelled: cancelled.promise };
}

describe("a body that nobody will read", () => {
  it("is cancelled where it came after the call had ended", async () => {
    const { fetch, answer, cancelled } = deafFetch("application/json");
    const caller = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch });
    const controller = new AbortController();
    const call = caller.embed(embedParams, { signal: controller.signal });
    controller.abort();
    expect((await rejectionOf(call)).code).toBe("aborted");
    answer();
    await cancelled;
  });

  it("is cancelled where it is not the stream that was asked for", async () => {
    const { fetch, answer, cancelled } = deafFetch("text/html");
    answer();
    const caller = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch });
    expect((await rejectionOf(caller.chat(streamParams))).code).toBe("invalid_response");
    await cancelled;
  });
});

describe("leaving a stream's loop", () => {
  it("by break closes the connection", async () => {
    const { handler, closed } = openStream(chunk("one"), chunk("two"));
    server().answer(handler);
    for await (const { choices } of await client().chat(streamParams)) {
      expect(choices[0]?.delta.content).toBe("one");
      break;
    }
    await closed;
  });

  it("by an error of the reader's own closes the connection, and the error comes through", async () => {
    const { handler, closed } = openStream(chunk("one"));
    server().answer(handler);
    const own = new Error("The reader's.");
    const reading = (async () => {
      for await (const _ of await client().chat(streamParams)) throw own;
    })();
    await expect(reading).rejects.toBe(own);
    await closed;
  });
});

describe("a signal that outlives its calls", () => {
  it("keeps no listener of theirs", async () => {
    server().answer(json(200, embeddings), json(400, {}), events(chunk("a"), done), events(chunk("a")));
    const { signal } = new AbortController();
    await client().embed(embedParams, { signal });
    await rejectionOf(client().embed(embedParams, { signal }));
    await (await client().chat(streamParams, { signal })).text();
    await rejectionOf((await client().chat(streamParams, { signal })).text());
    await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toEqual([]), { timeout: 4000 });
  });
});
