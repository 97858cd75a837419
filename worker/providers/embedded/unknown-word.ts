/** Coordinates that each n-gram moves, by one sign each. */
const COORDINATES = 4;
const GRAM = 3;

/**
 * Adds a direction for a word that has no vector to `sum`: its character trigrams, each hashed to a
 * few signed coordinates (feature hashing: Weinberger et al. 2009; subwords: Bojanowski et al. 2017).
 * It knows no meaning: it makes equal words equal, similar spellings similar, and others unrelated.
 * `length` is the length the direction has on average.
 */
export function addUnknownWord(sum: Float64Array, word: string, length: number): void {
  const framed = `<${word}>`;
  const grams = Math.max(1, framed.length - GRAM + 1);
  const step = length / Math.sqrt(grams * COORDINATES);
  for (let start = 0; start < grams; start += 1) addGram(sum, framed, start, step);
}

function addGram(sum: Float64Array, framed: string, start: number, step: number): void {
  let bits = hashGram(framed, start);
  for (let move = 0; move < COORDINATES; move += 1) {
    const coordinate = (bits & 127) % sum.length;
    sum[coordinate] = (sum[coordinate] ?? 0) + (bits & 128 ? step : -step);
    bits >>>= 8;
  }
}

/** FNV-1a over the code units, with the finaliser of MurmurHash3 so that all 32 bits are mixed. */
function hashGram(framed: string, start: number): number {
  let hash = 0x811c9dc5;
  const end = Math.min(start + GRAM, framed.length);
  for (let index = start; index < end; index += 1) {
    hash = Math.imul(hash ^ framed.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
