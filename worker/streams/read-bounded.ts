/** A decoder has no state left after a whole text, so all share one: making one costs more than using it. */
const WHOLE = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const LENIENT = new TextDecoder("utf-8", { fatal: false, ignoreBOM: false });

/** What becomes of bytes that are not UTF-8: they break the text, or each is U+FFFD in it. */
export type Strictness = "strict" | "lenient";

/** A body's text, and its bytes where they were read in one go and are exactly that text. */
export interface ReadText {
  readonly text: string;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads a message's body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer. A body
 * whose length is announced is read in one go: the connection holds it to that length.
 */
export async function readText(
  message: Request | Response,
  maxBytes: number,
  strictness: Strictness = "strict",
): Promise<ReadText | undefined> {
  const announced = message.headers.get("content-length");
  if (announced === null || message.headers.has("content-encoding")) {
    const text = await readBounded(message.body, maxBytes, strictness);
    return text === undefined ? undefined : { text, bytes: undefined };
  }
  if (Number(announced) > maxBytes) return undefined;
  const bytes = new Uint8Array(await message.arrayBuffer());
  return strictness === "strict" ? { text: WHOLE.decode(bytes), bytes } : decodeLeniently(bytes);
}

function decodeLeniently(bytes: Uint8Array): ReadText {
  const text = LENIENT.decode(bytes);
  return { text, bytes: text.includes("\ufffd") ? undefined : bytes };
}

/**
 * Reads a body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer, with the rest
 * cancelled unread. Throws where the stream breaks or, if strict, the bytes are not UTF-8.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  strictness: Strictness = "strict",
): Promise<string | undefined> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: strictness === "strict", ignoreBOM: false });
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      // Not awaited: it would not settle while a client goes on sending.
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
