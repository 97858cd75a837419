import type { ContentCoding } from "../domain/requests/content-coding.ts";
import { type BodyParts, openParts } from "./body-parts.ts";
import { LateBody, type Patience, waitForPart } from "./body-patience.ts";

/** A decoder has no state left after a whole text, so all share one: making one costs more than using it. */
const WHOLE = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const LENIENT = new TextDecoder("utf-8", { fatal: false, ignoreBOM: false });

/** A body's text, and its bytes where they were read in one go and are exactly that text. */
export interface ReadText {
  readonly text: string;
  readonly bytes: Uint8Array | undefined;
}

/** How a body is read. */
export interface Reading {
  /** Bytes that are not UTF-8 are U+FFFD in the text each, instead of breaking it. */
  readonly lenient?: boolean;
  readonly wider?: WiderLimit | undefined;
  /** How long a request's body is waited for; answers have a watch of their own. */
  readonly patience?: Patience;
  /** How a request's body is encoded; the platform decodes answers. Limits are those of what comes out. */
  readonly coding?: ContentCoding | undefined;
  /** Told of bytes as they come to be held. */
  readonly onBytes?: (bytes: number) => void;
}

/** A larger limit for some bodies of requests, whose rest is left to be discarded where it is longer still. */
export interface WiderLimit {
  readonly maxBytes: number;
  /** Whether it is for a body that begins like this; asked once, where the usual limit is passed. */
  readonly isFor: (text: string) => boolean;
}

/**
 * Reads a message's body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer. A body
 * whose length is announced is read in one go: the connection holds it to that length. Where it is waited for with
 * patience that is for short ones alone, for nothing is heard of them before their end.
 */
export async function readText(
  message: Request | Response,
  maxBytes: number,
  reading: Reading = {},
): Promise<ReadText | undefined> {
  const announced = message.headers.get("content-length");
  const { patience, wider } = reading;
  const most = Math.max(maxBytes, wider?.maxBytes ?? 0);
  if (announced !== null && Number(announced) > most) return undefined;
  const inOneGo = patience ? Math.min(maxBytes, SHORT_BYTES) : maxBytes;
  if (announced === null || Number(announced) > inOneGo || message.headers.has("content-encoding")) {
    const text = await readBounded(message.body, maxBytes, reading);
    return text === undefined ? undefined : { text, bytes: undefined };
  }
  reading.onBytes?.(Number(announced));
  const whole = message.arrayBuffer();
  const bytes = new Uint8Array(await (patience ? waitForPart(whole, patience) : whole));
  return reading.lenient ? decodeLeniently(bytes) : { text: WHOLE.decode(bytes), bytes };
}

/** What any connection brings in the time that a body may bring nothing. */
const SHORT_BYTES = 64 * 1024;

function decodeLeniently(bytes: Uint8Array): ReadText {
  const text = LENIENT.decode(bytes);
  return { text, bytes: text.includes("\ufffd") ? undefined : bytes };
}

/**
 * Reads a body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer, with the rest
 * cancelled unread. Throws where the stream breaks or, unless lenient, the bytes are not UTF-8.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  reading: Reading = {},
): Promise<string | undefined> {
  if (!body) return "";
  const parts = openParts(body, reading);
  try {
    const text = await joinParts(parts, maxBytes, reading);
    if (text === undefined) parts.leave(reading.wider !== undefined);
    return text;
  } catch (error) {
    // A read of a late body is pending still.
    if (reading.wider && !(error instanceof LateBody)) parts.leave(true);
    throw error;
  }
}

async function joinParts(
  parts: BodyParts,
  maxBytes: number,
  { lenient = false, wider, onBytes }: Reading,
): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: !lenient, ignoreBOM: false });
  let text = "";
  let limit = maxBytes;
  for (;;) {
    const part = await parts.read();
    if (!part) return text + decoder.decode();
    onBytes?.(part.byteLength);
    text += decoder.decode(part, { stream: true });
    const size = parts.size();
    if (size > limit && limit === maxBytes && wider?.isFor(text)) limit = Math.max(limit, wider.maxBytes);
    if (size > limit) return undefined;
  }
}
