import { runningTotals } from "./running-totals.ts";
import type { WordIndex } from "./word-index.ts";

/**
 * The file `word-vectors.bin`, little-endian, written by scripts/build-word-vectors.ts:
 *
 *   0   uint32      magic "HRWV"
 *   4   uint16      version, 1
 *   6   uint16      dimensions D
 *   8   uint32      words N, in order of frequency
 *   12  uint32      slots S of the index
 *   16  S x uint16  the index (word-index.ts)
 *   ..  N x uint8   the words' lengths
 *   ..  N x D int8  the words' vectors
 *   ..  to the end  the words' letters
 *
 * All vectors share one scale, which a direction does not need. What all texts have in common is
 * already damped in them (SIF's component removal): that is linear, so it carries over to every text.
 */
export const WORD_VECTORS_MAGIC = 0x56575248;
export const WORD_VECTORS_VERSION = 1;
export const WORD_VECTORS_HEADER_BYTES = 16;

export interface WordVectors {
  readonly dimensions: number;
  /** A word's number is its row and its rank by frequency. */
  readonly index: WordIndex;
  readonly values: Int8Array | Float64Array;
  /** The length of a typical row, to give words without a row one of their own. */
  readonly typicalLength: number;
}

/** Reads the file in under 1 ms; all but the words' starts stays where it lies. */
export function parseWordVectors(file: ArrayBuffer): WordVectors {
  const header = new DataView(file, 0, WORD_VECTORS_HEADER_BYTES);
  if (header.getUint32(0, true) !== WORD_VECTORS_MAGIC) throw new Error("not a word vector file");
  if (header.getUint16(4, true) !== WORD_VECTORS_VERSION) throw new Error("unknown word vector version");
  const dimensions = header.getUint16(6, true);
  const count = header.getUint32(8, true);
  const slots = new Uint16Array(file, WORD_VECTORS_HEADER_BYTES, header.getUint32(12, true));
  const lengths = new Uint8Array(file, slots.byteOffset + slots.byteLength, count);
  const values = new Int8Array(file, lengths.byteOffset + count, count * dimensions);
  const letters = new Uint8Array(file, values.byteOffset + values.length);
  return {
    dimensions,
    index: { slots, starts: runningTotals(lengths), letters },
    values,
    typicalLength: Math.hypot(...values.subarray(values.length - dimensions)),
  };
}
