/**
 * A number in [0, 1) that depends on the words and on nothing else: the same seed draws the same, in
 * whatever order things happen. FNV-1a, finished as MurmurHash3 does, so that near words draw far apart.
 */
export function draw(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of words.join("\n")) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
