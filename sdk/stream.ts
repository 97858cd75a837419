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

/** The stream of one answer that has begun. */
interface OpenStream {
  readonly reader: BodyReader;
  readonly meta: ResponseMeta;
  readonly redact: Redact;
}

/** Opens the stream of an answer; throws `invalid_response` where it is none. */
export const openStream = ({ response, redact, retries }: Answer): OpenStream => ({
  reader: takeEventStream(response),
  meta: parseMeta(response, retries),
  redact,
});

/** Asks again, after so many retries, for an answer that broke off; throws where that is not to be done. */
export type Reopen = (broken: {
  readonly error: HeadraceError;
  readonly retries: number;
}) => Promise<OpenStream>;

/**
 * A chat completion as it is written. Read it once, with `for await` or `text()`; leaving the loop
 * cancels the request. Throws a HeadraceError: `aborted`, `timeout`, the code of an error that the
 * server sent, or `stream_broken` where the stream ends before its `[DONE]`. With `onBreak: "restart"` a stream
 * that breaks begins anew, and what was read of it is void.
 */
export class ChatStream implements AsyncIterable<ChatCompletionChunk> {
  readonly #call: Call;
  readonly #reopen: Reopen | undefined;
  #open: OpenStream;
  #usage: Usage | undefined;
  #restarts = 0;
  #isTaken = false;

  /** @internal `chat` makes it. */
  constructor(call: Call, open: OpenStream, reopen?: Reopen) {
    this.#open = open;
    this.#call = call;
    this.#reopen = reopen;
    call.isStreaming = true;
    call.signal.addEventListener("abort", () => this.#cancel());
    if (call.signal.aborted) this.#cancel();
  }

  /** Of the answer that is being read: after a restart, of the new one. */
  get meta(): ResponseMeta {
    return this.#open.meta;
  }

  /** What was used, once the server has told; ask for it with `stream_options: { include_usage: true }`. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  /** How often the stream has begun anew. */
  get restarts(): number {
    return this.#restarts;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    if (this.#isTaken) throw new TypeError("Headrace: a stream can be read only once.");
    this.#isTaken = true;
    let isComplete = false;
    try {
      while (!isComplete) {
        try {
          yield* this.#readChunks();
          isComplete = true;
        } catch (error) {
          await this.#restart(error);
        }
      }
    } catch (error) {
      const { signal, job } = this.#call;
      throw nameJob(signal.aborted ? signal.reason : error, job);
    } finally {
      if (isComplete) this.#awaitEnd();
      else this.#cancel();
    }
  }

  /** Reads the answer until its `[DONE]`; throws where it ends without. */
  async *#readChunks(): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    for await (const data of readEvents(readText(this.#open.reader, this.#call.signal))) {
      this.#call.signal.throwIfAborted();
      if (data === "[DONE]") return;
      yield this.#parseChunk(data);
    }
    throw this.#broken();
  }

  /** Begins anew after a break; throws its error where that is not asked for, or of no use. */
  async #restart(cause: unknown): Promise<void> {
    const error = isHeadraceError(cause) ? cause : this.#broken(cause);
    if (!this.#reopen || this.#call.signal.aborted) throw error;
    release(this.#open.reader);
    this.#open = await this.#reopen({ error, retries: this.meta.retries });
    this.#usage = undefined;
    this.#restarts += 1;
    this.#call.options.onRestart?.({ restarts: this.#restarts, error });
  }

  /** Reads the stream to its end, and gives the text of the first choice. */
  async text(): Promise<string> {
    let text = "";
    let restarts = 0;
    for await (const { choices } of this) {
      if (restarts < this.#restarts) text = "";
      restarts = this.#restarts;
      text += choices.find(({ index = 0 }) => index === 0)?.delta.content ?? "";
    }
    return restarts === this.#restarts ? text : "";
  }

  #cancel(): void {
    this.#call.end();
    release(this.#open.reader);
  }

  /** Lets the body end by itself, within the call's limit: cancelling it would close the connection. */
  #awaitEnd(): void {
    const cancel = (): void => this.#cancel();
    this.#open.reader.read().then(cancel, cancel);
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
    return buildServerError(parseServerJson(data, this.#open.redact), "The stream broke off.", {
      code: "stream_broken",
      requestId: this.meta.requestId,
      retryable: true,
      cause,
    });
  }
}
