/**
 * Hashes that spread requests over targets: of the same text they are the same in every isolate, so that nothing
 * has to be remembered. 32 bits; not for secrets.
 */

/** Before the first text. */
export const START = 0x811c9dc5;

/** Adds a text to a hash: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), over UTF-16 units. */
export function addText(hash: number, text: string, from = 0, to = text.length): number {
  let sum = hash;
  for (let at = from; at < to; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum;
}

/** The hash of a roll, for requests that are spread by chance: the roll is uniform in (0, 1]. */
export const hashRoll = (roll: number): number => Math.floor(roll * 0xffffffff) | 0;

/** A number in (0, 1) of two hashes: uniform and unlike that of any other pair (MurmurHash3's finalizer). */
export function mix(hash: number, other: number): number {
  let bits = hash ^ Math.imul(other, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (((bits ^ (bits >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
