import type { ChatCompletionChunk, Usage } from "../worker/contract/responses.ts";
import type { Answer } from "./attempt.ts";
import { readText, release } from "./body.ts";
import type { BodyReader } from "./body.ts";
import type { Call } from "./call.ts";
import { isHeadraceError, nameJob } from "./errors.ts";
import type { HeadraceError } from "./errors.ts";
import { readEvents } from "./events.ts";
import { parseMeta } from "./meta.ts";
import type { ResponseMeta } from "./meta.ts";
import { takeEventStream } from "./response.ts";
import { buildServerError, holdsList, isRecord, parseServerJson } from "./server-error.ts";
import type { Redact } from "./server-error.ts";

/**
 * A chat completion as it is written. Read it once, with `for await` or `text()`; leaving the loop
 * cancels the request. Throws a HeadraceError: `aborted`, `timeout`, the code of an error that the
 * server sent, or `stream_broken` where the stream ends before its `[DONE]`. Such a stream is not retried:
 * a part of it has been used.
 */
export class ChatStream implements AsyncIterable<ChatCompletionChunk> {
  readonly meta: ResponseMeta;
  readonly #reader: BodyReader;
  readonly #call: Call;
  readonly #redact: Redact;
  #usage: Usage | undefined;
  #isTaken = false;

  /** @internal `chat` makes it. */
  constructor(call: Call, { response, redact, retries }: Answer) {
    this.#reader = takeEventStream(response);
    this.meta = parseMeta(response, retries);
    this.#call = call;
    this.#redact = redact;
    call.isStreaming = true;
    call.signal.addEventListener("abort", () => this.#cancel());
    if (call.signal.aborted) this.#cancel();
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
      for await (const data of readEvents(readText(this.#reader, this.#call.signal))) {
        this.#call.signal.throwIfAborted();
        isComplete = data === "[DONE]";
        if (isComplete) return;
        yield this.#parseChunk(data);
      }
      throw this.#broken();
    } catch (error) {
      const { signal, job } = this.#call;
      const own = isHeadraceError(error) ? error : this.#broken(error);
      throw nameJob(signal.aborted ? signal.reason : own, job);
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
    this.#call.end();
    release(this.#reader);
  }

  /** Lets the body end by itself, within the call's limit: cancelling it would close the connection. */
  #awaitEnd(): void {
    const cancel = (): void => this.#cancel();
    this.#reader.read().then(cancel, cancel);
  }

  #parseChunk(data: string): ChatCompletionChunk {
    const chunk = parseServerJson(data);
    const isError = isRecord(chunk) && chunk["error"] != null;
    if (isError || !holdsList<ChatCompletionChunk>(chunk, "choices")) throw this.#broken(undefined, data);
    this.#usage = chunk.usage ?? this.#usage;
    return chunk;
  }

  /** The error that the server sent as `data`, or else ours. */
  #broken(cause?: unknown, data = ""): HeadraceError {
    return buildServerError(parseServerJson(data, this.#redact), "The stream broke off.", {
      code: "stream_broken",
      requestId: this.meta.requestId,
      retryable: true,
      cause,
    });
  }
}
