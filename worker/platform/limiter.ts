/** Does work when there is room for it. */
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
      // The place goes straight to the next, so that nobody can take it in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
