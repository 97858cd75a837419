import type { ContentCoding } from "../domain/requests/content-coding.ts";
import { type Patience, waitForPart } from "./body-patience.ts";
import { decodeParts, type ReadPart } from "./decode-parts.ts";

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
  { lenient = false, wider, patience, coding, onBytes }: Reading = {},
): Promise<string | undefined> {
  if (!body) return "";
  const source = openSource(body, patience);
  const read = coding ? decodeParts(source.read, coding) : source.read;
  const decoder = new TextDecoder("utf-8", { fatal: !lenient, ignoreBOM: false });
  let text = "";
  let size = 0;
  let limit = maxBytes;
  for (;;) {
    const part = await read();
    if (!part) return text + decoder.decode();
    size += part.byteLength;
    onBytes?.(part.byteLength);
    text += decoder.decode(part, { stream: true });
    if (size > limit && limit === maxBytes && wider?.isFor(text)) limit = Math.max(limit, wider.maxBytes);
    // What is encoded counts, too: nothing need ever come of it.
    if (size > limit || source.came() > Math.max(limit, wider?.maxBytes ?? 0)) {
      source.leave(wider !== undefined);
      return undefined;
    }
  }
}

/** The platform's own reads are of 4 KB; each costs a turn. */
const READ_BYTES = 64 * 1024;

interface Source {
  readonly read: ReadPart;
  /** How many bytes have come. */
  readonly came: () => number;
  /** Leaves the rest to others, or cancels it. */
  readonly leave: (toOthers: boolean) => void;
}

/** A request's body is read in large parts, each waited for; any other stream as it comes. */
function openSource(body: ReadableStream<Uint8Array>, patience: Patience | undefined): Source {
  const { reader, next } = patience ? openPatient(body, patience) : openPlain(body);
  let came = 0;
  return {
    came: () => came,
    read: async () => {
      const { done, value } = await next();
      if (done) return undefined;
      came += value.byteLength;
      return value;
    },
    leave: (toOthers) => {
      if (toOthers) reader.releaseLock();
      // Not awaited: it would not settle while the other side goes on sending.
      else reader.cancel().catch(() => undefined);
    },
  };
}

function openPlain(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  return { reader, next: () => reader.read() };
}

function openPatient(body: ReadableStream<Uint8Array>, patience: Patience) {
  const reader = body.getReader({ mode: "byob" });
  return { reader, next: () => waitForPart(reader.read(new Uint8Array(READ_BYTES)), patience) };
}
