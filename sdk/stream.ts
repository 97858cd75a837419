import type { ChatCompletionChunk, Usage } from "../worker/contract/responses.ts";
import { HeadraceError } from "./errors.ts";
import { readEvents } from "./events.ts";
import type { Limit } from "./limit.ts";
import type { ResponseMeta } from "./meta.ts";
import { buildServerError, holdsList, isRecord, parseServerJson } from "./server-error.ts";
import type { Redact } from "./server-error.ts";

/** What a stream is made of: a body that has begun, and the call's limit, which ends with it. */
export interface StreamSource {
  readonly body: ReadableStream<Uint8Array>;
  readonly meta: ResponseMeta;
  readonly limit: Limit;
  readonly redact: Redact;
}

/**
 * A chat completion as it is written. Read it once, with `for await` or `text()`; leaving the loop
 * cancels the request. Throws a HeadraceError: `aborted`, `timeout`, the code of an error that the
 * server sent, or `stream_broken` where the stream ends before its end. Such a stream is not retried:
 * a part of it has been used.
 */
export class ChatStream implements AsyncIterable<ChatCompletionChunk> {
  readonly meta: ResponseMeta;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #limit: Limit;
  readonly #redact: Redact;
  #usage: Usage | undefined;
  #isTaken = false;

  /** @internal Streams come of `chat`. */
  constructor({ body, meta, limit, redact }: StreamSource) {
    this.meta = meta;
    this.#reader = body.getReader();
    this.#limit = limit;
    this.#redact = redact;
    limit.signal.addEventListener("abort", () => this.#cancel());
    if (limit.signal.aborted) this.#cancel();
  }

  /** What was used, once the server has told; ask for it with `stream_options: { include_usage: true }`. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    if (this.#isTaken) throw new TypeError("Headrace: a stream can be read only once.");
    this.#isTaken = true;
    let isComplete = false;
    try {
      for await (const data of readEvents(this.#reader)) {
        this.#limit.signal.throwIfAborted();
        isComplete = data === "[DONE]";
        if (isComplete) return;
        yield this.#parseChunk(data);
      }
      throw this.#broken("The stream ended before it was complete.");
    } catch (error) {
      throw this.#explain(error);
    } finally {
      if (isComplete) this.#awaitEnd();
      else this.#cancel();
    }
  }

  /** Reads the stream to its end, and gives the text of the first choice. */
  async text(): Promise<string> {
    let text = "";
    for await (const { choices } of this) {
      text += choices.find(({ index = 0 }) => index === 0)?.delta.content ?? "";
    }
    return text;
  }

  #cancel(): void {
    this.#limit.end();
    this.#reader.cancel().catch(() => {});
  }

  /** Lets the body end by itself, within the call's limit: a cancelled one costs the connection. */
  #awaitEnd(): void {
    const cancel = (): void => this.#cancel();
    this.#reader.read().then(cancel, cancel);
  }

  #parseChunk(data: string): ChatCompletionChunk {
    const chunk = parseServerJson(data);
    if (isRecord(chunk) && chunk["error"] != null) throw this.#serverError(data);
    if (!holdsList<ChatCompletionChunk>(chunk, "choices")) {
      throw this.#broken("The stream held an event of another kind.");
    }
    this.#usage = chunk.usage ?? this.#usage;
    return chunk;
  }

  #serverError(data: string): HeadraceError {
    return buildServerError(parseServerJson(data, this.#redact), {
      message: "The server broke the stream off.",
      code: "stream_broken",
      requestId: this.meta.requestId,
      retryable: true,
    });
  }

  #explain(error: unknown): unknown {
    if (this.#limit.signal.aborted) return this.#limit.signal.reason;
    return error instanceof HeadraceError ? error : this.#broken("The stream broke off.", error);
  }

  #broken(message: string, cause?: unknown): HeadraceError {
    return new HeadraceError(message, {
      code: "stream_broken",
      requestId: this.meta.requestId,
      retryable: true,
      cause,
    });
  }
}
