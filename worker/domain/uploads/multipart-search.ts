/** Finds a delimiter in bytes that arrive in parts. */
export interface Search {
  /** Where the whole delimiter begins at or after `from`; -1 where it is not found. */
  find(bytes: Uint8Array, from: number): number;
  /** Where, at the end of the bytes, a delimiter may have begun; their length where none has. */
  holdFrom(bytes: Uint8Array, from: number): number;
}

/**
 * Horspool's search (1980): compares the last byte of a position first, and skips ahead by that byte's value,
 * so that most bytes are never read. A multipart delimiter has only one CR, its first byte; checking that
 * second bounds the work on hostile bytes.
 */
export function createSearch(delimiter: Uint8Array): Search {
  const size = delimiter.length;
  const first = delimiter[0];
  const last = delimiter[size - 1];
  const shifts = new Uint8Array(256).fill(size);
  for (let index = 0; index < size - 1; index++) shifts[delimiter[index] ?? 0] = size - 1 - index;
  return {
    find(bytes, from) {
      for (let at = from; at + size <= bytes.length;) {
        const end = bytes[at + size - 1] ?? 0;
        if (end === last && bytes[at] === first && startsWith(bytes, at, delimiter)) return at;
        at += shifts[end] ?? 1;
      }
      return -1;
    },
    holdFrom(bytes, from) {
      const start = Math.max(from, bytes.length - size + 1);
      for (let at = start; at < bytes.length; at++) {
        if (bytes[at] === first && startsWith(bytes, at, delimiter)) return at;
      }
      return bytes.length;
    },
  };
}

/** Whether the bytes from `at` on are those of `text`, as far as there are any. */
export function startsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  const end = Math.min(text.length, bytes.length - at);
  for (let index = 0; index < end; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}
