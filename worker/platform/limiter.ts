/** Runs work, at once or when earlier work has ended. */
export type Limiter = <R>(work: () => Promise<R>) => Promise<R>;

/** Lets at most `limit` pieces of work run at once; the others wait in their order, not yet begun. */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      await turn.promise;
    } else running++;
    try {
      return await work();
    } finally {
      // The next in the queue is started without lowering the count, so that no new work gets in before it.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
