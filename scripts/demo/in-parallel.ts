/**
 * Maps items with a bounded number of calls under way; results keep the items' order. The first failure
 * rejects.
 */
export async function mapInParallel<T, R>(
  items: readonly T[],
  width: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    // The workers share one iterator: each takes the next item.
    for (const [at, item] of queue) results[at] = await map(item);
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
