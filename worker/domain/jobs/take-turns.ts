/** One of each list, then the next of each, until all are taken: no list waits for another's end. */
export function takeTurns<T>(lists: Iterable<readonly T[]>): readonly T[] {
  const all = [...lists];
  const longest = Math.max(0, ...all.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => all.flatMap((list) => list.slice(at, at + 1))).flat();
}
