/**
 * Reads a message's body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer. A body
 * whose length is announced is read in one go: the connection holds it to that length.
 */
export async function readText(message: Request | Response, maxBytes: number): Promise<string | undefined> {
  const announced = message.headers.get("content-length");
  const compressed = message.headers.has("content-encoding");
  if (announced === null || compressed) return readBounded(message.body, maxBytes);
  if (Number(announced) > maxBytes) return undefined;
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await message.arrayBuffer());
}

/**
 * Reads a body as UTF-8 text, at most `maxBytes` of it; undefined when it is longer, with the rest
 * cancelled unread. Throws where the stream breaks or the bytes are not UTF-8.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      // Not awaited: a client that goes on sending would keep it from settling.
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
