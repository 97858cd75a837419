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
}

/** A larger limit for some bodies of requests, whose rest is left to be discarded where it is longer still. */
export interface WiderLimit {
  readonly maxBytes: number;
  /** Whether it is for a body that begins like this; asked once, where the usual limit is passed. */
  readonly isFor: (text: string) => boolean;
}

/**
 * Reads a message's body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer. A body
 * whose length is announced is read in one go: the connection holds it to that length.
 */
export async function readText(
  message: Request | Response,
  maxBytes: number,
  reading: Reading = {},
): Promise<ReadText | undefined> {
  const announced = message.headers.get("content-length");
  const most = Math.max(maxBytes, reading.wider?.maxBytes ?? 0);
  if (announced !== null && Number(announced) > most) return undefined;
  if (announced === null || Number(announced) > maxBytes || message.headers.has("content-encoding")) {
    const text = await readBounded(message.body, maxBytes, reading);
    return text === undefined ? undefined : { text, bytes: undefined };
  }
  const bytes = new Uint8Array(await message.arrayBuffer());
  return reading.lenient ? decodeLeniently(bytes) : { text: WHOLE.decode(bytes), bytes };
}

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
  { lenient = false, wider }: Reading = {},
): Promise<string | undefined> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: !lenient, ignoreBOM: false });
  let text = "";
  let size = 0;
  let limit = maxBytes;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    text += decoder.decode(value, { stream: true });
    if (size > limit && limit === maxBytes && wider?.isFor(text)) limit = Math.max(limit, wider.maxBytes);
    if (size > limit) {
      // Not awaited: it would not settle while the other side goes on sending.
      if (wider) reader.releaseLock();
      else reader.cancel().catch(() => undefined);
      return undefined;
    }
  }
}
