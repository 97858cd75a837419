import type { GatewayError } from "../contract/errors.ts";
import type { Watchdog } from "./watchdog.ts";

/** A provider's answer that still arrives, with the watchdog for its time-outs. */
export interface OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly watchdog: Watchdog;
  /** Its provider names it something else than a stream of events: what is in it has to be read. */
  readonly misnamed?: true;
  /** Why the call was given up, where it was. */
  givenUp(): GatewayError | undefined;
  /** Ends the call, whatever state it is in. */
  abort(): void;
}
