import type { ContentCoding } from "../domain/requests/content-coding.ts";

type ReadPart = () => Promise<Uint8Array | undefined>;

/**
 * The platform decodes what it is given at once, wanted or not: a thousand times as much, at the worst. So it is
 * given little at a time, and only once what came of the last is read.
 */
const PIECE_BYTES = 2 * 1024;
const READ_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/** A body that is decoded as it is read. */
export interface Decoding {
  /**
   * The next bytes, which may be none yet; undefined at the end. Rejects as the body does, and with the platform's
   * TypeError where the bytes are not of that coding, end too early, or go on behind their end.
   */
  readonly read: ReadPart;
  /** Lets go of what is decoded and not yet read. */
  readonly stop: () => void;
}

/** Decodes a body, of which `next` gives the next bytes, and undefined at the end. */
export function decodeParts(next: ReadPart, coding: ContentCoding): Decoding {
  const { readable, writable } = new DecompressionStream(coding);
  const writer = (writable as WritableStream<Uint8Array>).getWriter();
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
  const read = async () => {
    if (!decoded) {
      decoded = reader.read(new Uint8Array(READ_BYTES));
      // It may fail while the next bytes are waited for; it is looked at afterwards.
      decoded.catch(() => undefined);
    }
    if (!mayHoldMore && !isAll) await feed();
    const step = await (isAll ? decoded : Promise.race([decoded, nextTurn()]));
    mayHoldMore = step?.value?.byteLength === READ_BYTES;
    if (!step) return NOTHING;
    decoded = undefined;
    return step.done ? undefined : step.value;
  };
  return { read, stop: () => void reader.cancel().catch(() => undefined) };
}

/** By then a read of what is there has been answered. */
const nextTurn = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 0));
