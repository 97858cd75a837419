import type { GatewayError } from "../../../worker/contract/errors.ts";
import type { OpenStream } from "../../../worker/streams/open-stream.ts";
import { startWatchdog, type Watchdog } from "../../../worker/streams/watchdog.ts";

/** A provider's stream that a test feeds, with a real watchdog; it breaks when its call is given up. */
export class ProviderStream implements OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly watchdog: Watchdog;
  aborts = 0;
  #given: GatewayError | undefined;
  #controller: ReadableByteStreamController | undefined;
  #isOpen = true;

  constructor(quietMs = 60_000) {
    this.body = new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#isOpen = false;
      },
    });
    this.watchdog = startWatchdog({ quietMs, deadline: { at: Infinity } }, Date.now, (reason) =>
      this.giveUp({ code: "upstream_timeout", reason }),
    );
  }

  /** Enqueues a copy: a stream of bytes takes the buffer it is given. */
  send(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) {
      const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part.slice();
      if (this.#isOpen && bytes.byteLength > 0) this.#controller?.enqueue(bytes);
    }
  }

  close(): void {
    if (this.#isOpen) this.#controller?.close();
    this.#isOpen = false;
  }

  break(message: string): void {
    if (this.#isOpen) this.#controller?.error(new Error(message));
    this.#isOpen = false;
  }

  giveUp(error: GatewayError): void {
    this.#given ??= error;
    this.break("the call was aborted");
  }

  givenUp(): GatewayError | undefined {
    return this.#given;
  }

  abort(): void {
    this.aborts++;
    this.watchdog.stop();
    this.break("the call was aborted");
  }
}
