/** What crosses the control API of the fake provider: faults in, records of requests out. */
import type { JsonObject } from "./reply.ts";

/** Which requests a rule is for; every part given must hold. */
export interface FaultMatch {
  /** The exact path, as "/v1/embeddings". */
  readonly path?: string;
  readonly model?: string;
  /** Text anywhere in the request's body. */
  readonly promptIncludes?: string;
  /** The key that the request brings, in whichever header. */
  readonly key?: string;
}

/**
 * A fault in the bytes. `after` counts the parts of a reply that are sent first: the events of a
 * stream, or the two halves of a JSON body.
 */
export type WireFault =
  /** A status of choice; the body is OpenAI's error shape unless one is given. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Headers;
      readonly body?: JsonObject;
    }
  /** Silence until the client leaves: before the headers, or `after` parts. */
  | { readonly kind: "hang"; readonly after?: number }
  /** A TCP reset: before the headers, or `after` parts. */
  | { readonly kind: "reset"; readonly after?: number }
  /** A clean end after some parts, without the rest and without [DONE]. */
  | { readonly kind: "cut"; readonly after: number }
  /** One byte at a time. */
  | { readonly kind: "slow-loris"; readonly intervalMs: number }
  | { readonly kind: "html" }
  | { readonly kind: "invalid-json" }
  | { readonly kind: "empty" }
  /** JSON that goes on for ever, as fast as it is read unless an interval is given. */
  | { readonly kind: "endless"; readonly intervalMs?: number }
  /** `content-encoding: gzip`; where it lies, over a body that is not compressed. */
  | { readonly kind: "gzip"; readonly lies: boolean }
  | { readonly kind: "redirect"; readonly location: string }
  /** Only `text` again and again after some parts, until the client leaves or half a minute is over. */
  | {
      readonly kind: "keep-alive";
      readonly after: number;
      readonly text: string;
      readonly intervalMs: number;
    }
  /** Another content type over the same bytes. */
  | { readonly kind: "retyped"; readonly type: string }
  /** Bytes that are no event, after some that are. */
  | { readonly kind: "garbage"; readonly after: number }
  /** `data: {"error":{…}}`, after which the stream ends without [DONE]. */
  | {
      readonly kind: "error-event";
      readonly after: number;
      readonly code?: string;
      /** The whole of the error, in place of one with that code. */
      readonly error?: JsonObject | string;
    }
  /** One event whose line has this many bytes (10 MB unless told), after the first. */
  | { readonly kind: "long-line"; readonly sizeBytes?: number }
  /** These bytes, whatever was asked. */
  | ({ readonly kind: "verbatim" } & Verbatim)
  /** What the request itself has asked for, by `playBack`; a usual answer where it has not. */
  | { readonly kind: "as-told" }
  /** A stream that goes on for this many bytes before it ends as it should. */
  | { readonly kind: "flood"; readonly sizeBytes: number }
  /** Every part is broken inside its first multi-byte character, with a gap between the writes. */
  | { readonly kind: "split-utf8" }
  /** Lines end in CRLF. */
  | { readonly kind: "crlf" };

/** A reply, down to its bytes. */
export interface Verbatim {
  readonly status: number;
  readonly headers: Headers;
  /** What is written at once, in base64. */
  readonly parts: readonly string[];
}

const PLAY = /play:([A-Za-z0-9+/]+=*)/;

/** Words of a prompt that ask for a reply: what the rule `as-told` looks for. */
export const playBack = (reply: Verbatim): string =>
  `play:${Buffer.from(JSON.stringify(reply)).toString("base64")}`;

/** The reply that a request's text asks for. */
export function readPlayBack(text: string): Verbatim | undefined {
  const told = PLAY.exec(text)?.[1];
  return told === undefined ? undefined : (JSON.parse(Buffer.from(told, "base64").toString()) as Verbatim);
}

/** A fault in what a well-formed reply says. */
export type ContentFault =
  | { readonly kind: "no-usage" }
  /** The usage on the chunk with the finish_reason, rather than on one of its own. */
  | { readonly kind: "usage-in-final-chunk" }
  /** What a provider may do to the items of an array reply. */
  | { readonly kind: "items"; readonly change: "drop-last" | "reverse" | "strip-index" };

type Headers = Readonly<Record<string, string>>;

/** One fault, or none, and what to wait for before and between. */
export type Fault = (WireFault | ContentFault | { readonly kind?: undefined }) & {
  /** Waits before the headers. */
  readonly delayMs?: number;
  /** Waits before each event of a stream but the first. */
  readonly eventDelayMs?: number;
  /** Waits before the headers until the test releases it. */
  readonly gate?: boolean;
};

export interface FaultRule {
  readonly match?: FaultMatch;
  /** How many requests it is for; all of them where absent. */
  readonly times?: number;
  readonly fault: Fault;
}

/**
 * Faults drawn for each request by itself. A request's draw depends on the seed, its body, and how often
 * that body has come before, so that the same run of a test meets the same faults.
 */
export interface FaultMix {
  readonly seed: number;
  /** `share` of the requests (0 to 1) get the fault; what is left of 1 is answered well. */
  readonly faults: readonly { readonly share: number; readonly fault: Fault }[];
}

export interface MixRule {
  readonly match?: FaultMatch;
  readonly times?: number;
  readonly mix: FaultMix;
}

/** One request as it was received, and how it ended. */
export interface ReceivedRequest {
  /** The `x-fake-request-id` of the reply. */
  readonly id: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed body; its text where it is not JSON, null where there is none or a form is on its way. */
  readonly body: unknown;
  /** How much of a form has arrived. */
  readonly receivedBytes?: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** "aborted": the client left first. "broken": a fault reset the connection. */
  readonly outcome: "open" | "finished" | "aborted" | "broken";
}

export interface Stats {
  readonly received: number;
  readonly finished: number;
  readonly aborted: number;
  readonly broken: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** How many requests a gate holds now. */
  readonly waiting: number;
  readonly byModel: Readonly<Record<string, number>>;
}
