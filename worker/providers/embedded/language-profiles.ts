import { runningTotals } from "./running-totals.ts";

/**
 * The file `language-profiles.bin`, little-endian: how typical 49,553 n-grams of UTF-8 bytes are of 60
 * languages. Taken from Nito T.M.'s eld (Apache-2.0) by scripts/build-language-profiles.ts:
 *
 *   0   uint32      magic "HRLP"
 *   4   uint32      languages L
 *   8   uint32      scores S
 *   12  4 x uint32  n-grams in a word's middle, at its start, at its end, and those that are a word
 *   28  2L bytes    ISO 639-1 codes
 *   ..  G x uint32  the n-grams, packed, ascending within each of the four
 *   ..  G x uint8   how many scores each has
 *   ..  S x uint8   the language of each score
 *   ..  S x uint8   the score, less 53
 */
export const LANGUAGE_PROFILES_MAGIC = 0x504c5248;
const HEADER_BYTES = 28;
const CODE_BYTES = 2;

/**
 * Whether an n-gram is at the start or the end of its word. Both: it is the whole word; neither: in the
 * middle.
 */
export const AT_START = 1;
export const AT_END = 2;

export interface LanguageProfiles {
  readonly codes: readonly string[];
  readonly grams: Uint32Array;
  /** For each place, where its n-grams start, and the end of the last. */
  readonly placeStarts: readonly number[];
  /** For each n-gram, where its scores start, and the end of the last. */
  readonly scoreStarts: Uint32Array;
  readonly languages: Uint8Array;
  readonly scores: Uint8Array;
}

/** Reads the file in about 1 ms, most of it left as it lies. */
export function parseLanguageProfiles(file: ArrayBuffer): LanguageProfiles {
  const [magic, languageCount = 0, scoreCount = 0, ...placeCounts] = new Uint32Array(
    file,
    0,
    HEADER_BYTES / 4,
  );
  if (magic !== LANGUAGE_PROFILES_MAGIC) throw new Error("not a language profile file");
  const placeStarts = runningTotals(placeCounts);
  const gramCount = placeStarts[placeStarts.length - 1] ?? 0;
  const codeBytes = languageCount * CODE_BYTES;
  const gramsStart = HEADER_BYTES + codeBytes;
  const countsStart = gramsStart + gramCount * 4;
  const languagesStart = countsStart + gramCount;
  return {
    codes: new TextDecoder().decode(new Uint8Array(file, HEADER_BYTES, codeBytes)).match(/../g) ?? [],
    grams: new Uint32Array(file, gramsStart, gramCount),
    placeStarts: [...placeStarts],
    scoreStarts: runningTotals(new Uint8Array(file, countsStart, gramCount)),
    languages: new Uint8Array(file, languagesStart, scoreCount),
    scores: new Uint8Array(file, languagesStart + scoreCount, scoreCount),
  };
}

/** Up to four bytes as one number. No byte of a letter is 0, so shorter n-grams do not collide. */
export function packGram(bytes: Uint8Array, start: number, end: number): number {
  let packed = 0;
  for (let index = start; index < end; index += 1) packed = (packed << 8) | (bytes[index] ?? 0);
  return packed >>> 0;
}

/** The n-gram's index, or -1: a binary search among those of its place. */
export function findGram(profiles: LanguageProfiles, place: number, gram: number): number {
  let low = profiles.placeStarts[place] ?? 0;
  let high = (profiles.placeStarts[place + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = profiles.grams[middle] ?? 0;
    if (found === gram) return middle;
    if (found < gram) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
