import type { CallProvider } from "./call-provider.ts";

/** The same calls, at most `limit` of them at once; the others wait in their order, their time-outs not yet running. */
export function limitCalls(callProvider: CallProvider, limit: number): CallProvider {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (call) => {
    if (running >= limit) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      await turn.promise;
    } else running++;
    try {
      return await callProvider(call);
    } finally {
      // The place goes straight to the next, so that nobody can take it in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
