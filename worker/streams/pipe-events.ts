import type { GatewayError } from "../contract/errors.ts";
import { DRAIN_MS } from "./drain.ts";
import type { OpenStream } from "./open-stream.ts";
import { whyBroken } from "./why-broken.ts";

/** How much of the copy is read at once. */
const READ_BYTES = 64 * 1024;
/** How often what has gone by is looked at, at least: it bounds what is kept, and shows that the provider is alive. */
const LOOK_MS = 2000;
/** Of a stream that is about to be given up. */
const LEAST_LOOK_MS = 10;
/** Of one look. More would let a stream that comes faster than its client takes it fill the memory. */
const MAX_READS = 16;

/** How a stream that was piped ended; `broken` where its provider or the connection failed. */
export interface Piped {
  readonly broken: GatewayError | undefined;
}

/**
 * Hears a part of what has gone by, and tells the watch of it; gives whether that was the end of what the stream
 * has to say.
 */
type Hear = (part: Uint8Array) => boolean;

/**
 * Sends a stream to a sink, which stays open. The platform copies the bytes, and no code runs for them. A
 * second copy is read every LOOK_MS, and to its end when all has been sent. It is left unread in between, for
 * a pending read of one copy holds up the other. Undefined where the sink's reader has left.
 */
export async function pipeEvents(
  stream: OpenStream,
  sink: WritableStream<Uint8Array>,
  hear: Hear,
): Promise<Piped | undefined> {
  const [out, copy] = stream.body.tee();
  const listener = new Listener(stream, copy, hear);
  stream.watchdog.touch();
  listener.start();
  // Not even cancelled: a copy's cancelling is over when the other's is.
  const piping = out.pipeTo(sink, { preventClose: true, preventAbort: true, preventCancel: true });
  const hasLeft = await piping.then(
    () => false,
    () => isBroken(sink),
  );
  // What came until then is read all the same: it tells what the call has cost.
  if (hasLeft) stream.abort();
  const broken = await listener.finish();
  return hasLeft ? undefined : { broken };
}

/** Whether the sink failed, because it is no longer read, and not the stream that was sent to it. */
function isBroken(sink: WritableStream<Uint8Array>): boolean {
  const writer = sink.getWriter();
  const broken = writer.desiredSize === null;
  writer.releaseLock();
  return broken;
}

/** What a look has found: there may be more, the stream has said its end, or it is closed or broken. */
type Seen = "more" | "end" | "closed";

/** Reads the copy of a stream that is piped. */
class Listener {
  readonly #stream: OpenStream;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #hear: Hear;
  #buffer = new ArrayBuffer(READ_BYTES);
  #looking: Promise<Seen> = Promise.resolve("more");
  #timer: ReturnType<typeof setTimeout> | null = null;
  #broken: GatewayError | undefined;

  constructor(stream: OpenStream, copy: ReadableStream<Uint8Array>, hear: Hear) {
    this.#stream = stream;
    this.#reader = copy.getReader({ mode: "byob" });
    this.#hear = hear;
  }

  /** Looks before a provider that is silent from now on would be given up. */
  start(): void {
    const everyMs = Math.max(LEAST_LOOK_MS, Math.min(LOOK_MS, this.#stream.watchdog.leftMs() / 2));
    this.#timer = setTimeout(() => void this.#lookOn(), everyMs);
  }

  /** Reads all that is left; gives what went wrong. */
  async finish(): Promise<GatewayError | undefined> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (let seen = await this.#looking; seen === "more";) seen = await this.#look();
    return this.#broken;
  }

  async #lookOn(): Promise<void> {
    this.#looking = this.#look();
    const seen = await this.#looking;
    if (this.#timer === null) return;
    if (seen === "more") this.start();
    if (seen === "closed") this.#stream.watchdog.pause();
    // A provider that goes on after its end is not waited for, nor is its client kept waiting.
    if (seen === "end") this.#timer = setTimeout(() => this.#stream.abort(), DRAIN_MS);
  }

  /** Reads what there is. */
  async #look(): Promise<Seen> {
    try {
      for (let reads = 0; reads < MAX_READS; reads++) {
        const { done, value } = await this.#reader.read(new Uint8Array(this.#buffer));
        if (done) return "closed";
        this.#buffer = value.buffer;
        if (this.#hear(value)) return "end";
        if (value.byteLength < READ_BYTES) break;
      }
      return "more";
    } catch (error) {
      this.#broken = whyBroken(this.#stream, error);
      this.#stream.abort();
      return "closed";
    }
  }
}
