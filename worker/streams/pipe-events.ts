import type { GatewayError } from "../contract/errors.ts";
import type { OpenStream } from "./open-stream.ts";

/** How much of the copy is read at once. */
const READ_BYTES = 64 * 1024;
/** How often what has gone by is looked at: it bounds what is kept, and shows that the provider is alive. */
const LOOK_MS = 2000;

/** How a stream that was piped ended; `broken` where its provider or the connection failed. */
export interface Piped {
  readonly broken: GatewayError | undefined;
}

/**
 * Sends a stream to a sink, which stays open. The platform copies the bytes, and no code runs for them. A
 * second copy is read every LOOK_MS, and to its end when all has been sent. It is left unread in between, for
 * a pending read of one copy holds up the other. Undefined where the sink's reader has left.
 */
export async function pipeEvents(
  stream: OpenStream,
  sink: WritableStream<Uint8Array>,
  hear: (part: Uint8Array) => void,
): Promise<Piped | undefined> {
  const [out, copy] = stream.body.tee();
  const listener = new Listener(stream, copy, hear);
  listener.start();
  const hasLeft = await out.pipeTo(sink, { preventClose: true, preventAbort: true }).then(
    () => false,
    () => isBroken(sink),
  );
  if (!hasLeft) return { broken: await listener.finish() };
  listener.stop();
  return undefined;
}

/** Whether the sink failed, because it is no longer read, and not the stream that was sent to it. */
function isBroken(sink: WritableStream<Uint8Array>): boolean {
  const writer = sink.getWriter();
  const broken = writer.desiredSize === null;
  writer.releaseLock();
  return broken;
}

/** Reads the copy of a stream that is piped. */
class Listener {
  readonly #stream: OpenStream;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #hear: (part: Uint8Array) => void;
  #buffer = new ArrayBuffer(READ_BYTES);
  #looking: Promise<boolean> | undefined;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #broken: GatewayError | undefined;

  constructor(stream: OpenStream, copy: ReadableStream<Uint8Array>, hear: (part: Uint8Array) => void) {
    this.#stream = stream;
    this.#reader = copy.getReader({ mode: "byob" });
    this.#hear = hear;
  }

  start(): void {
    this.#stream.watchdog.touch();
    this.#timer = setTimeout(() => void this.#lookOn(), LOOK_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Reads all that is left; gives what went wrong. */
  async finish(): Promise<GatewayError | undefined> {
    this.stop();
    await this.#looking;
    while (!this.#broken && !(await this.#look()));
    return this.#broken;
  }

  async #lookOn(): Promise<void> {
    this.#looking = this.#look();
    const isOver = await this.#looking;
    if (!isOver && this.#timer !== null) this.start();
  }

  /** Reads what there is; true at the end. */
  async #look(): Promise<boolean> {
    try {
      const { done, value } = await this.#reader.read(new Uint8Array(this.#buffer));
      this.#stream.watchdog.touch();
      if (value) {
        this.#hear(value);
        this.#buffer = value.buffer;
      }
      return done;
    } catch (error) {
      this.#broken = this.#stream.givenUp() ?? {
        code: "upstream_error",
        reason: error instanceof Error ? error.message : String(error),
      };
      return true;
    }
  }
}
