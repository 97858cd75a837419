import type { ContentCoding } from "../domain/requests/content-coding.ts";

/** Gives the next bytes of a body; undefined at the end. */
export type ReadPart = () => Promise<Uint8Array | undefined>;

/**
 * The platform decodes what it is given at once, wanted or not: a thousand times as much, at the worst. So it is
 * given little at a time, and only once what came of the last is read.
 */
const PIECE_BYTES = 8 * 1024;
const READ_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * Decodes a body as it is read, in parts that may be empty. Rejects as `next` does, and with the platform's TypeError
 * where the bytes are not of that coding, end too early, or go on behind their end.
 */
export function decodeParts(next: ReadPart, coding: ContentCoding): ReadPart {
  const { readable, writable } = new DecompressionStream(coding);
  const writer = writable.getWriter();
  const reader = readable.getReader({ mode: "byob" });
  let encoded: Uint8Array = NOTHING;
  let decoded: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  let mayHoldMore = false;
  let isAll = false;

  const feed = async () => {
    if (encoded.byteLength === 0) {
      const part = await next();
      isAll = part === undefined;
      encoded = part ?? NOTHING;
    }
    const piece = encoded.subarray(0, PIECE_BYTES);
    encoded = encoded.subarray(PIECE_BYTES);
    // What fails here fails the read as well.
    (isAll ? writer.close() : writer.write(piece)).catch(() => undefined);
    mayHoldMore = true;
  };
  return async () => {
    if (!decoded) {
      decoded = reader.read(new Uint8Array(READ_BYTES));
      // It may fail while the next bytes are waited for; it is looked at afterwards.
      decoded.catch(() => undefined);
    }
    if (!mayHoldMore && !isAll) await feed();
    const read = await (isAll ? decoded : Promise.race([decoded, nextTurn()]));
    mayHoldMore = read?.value?.byteLength === READ_BYTES;
    if (!read) return NOTHING;
    decoded = undefined;
    return read.done ? undefined : read.value;
  };
}

/** By then a read of what is there has been answered. */
const nextTurn = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 0));
