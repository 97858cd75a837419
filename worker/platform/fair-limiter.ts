import { pickNext, type Turn } from "../domain/resilience/fair-line.ts";
import type { Limiter } from "./limiter.ts";

export interface FairLimiter {
  /** The limiter for the work of one turn. */
  of(turn: Turn): Limiter;
  /** Whether what comes now has to wait. */
  isFull(): boolean;
}

interface Waiting extends Turn {
  readonly start: () => void;
}

/**
 * Lets at most `limit` pieces of work run at once, whoever they are of. Of those that wait, the next is of the
 * highest priority, and among these of the tenant that has the least running: a tenant that comes with many does
 * not hold up one that comes with few.
 */
export function createFairLimiter(limit: number): FairLimiter {
  const waiting: Waiting[] = [];
  const running = new Map<string, number>();
  let all = 0;
  const count = (tenant: string, change: number) => {
    all += change;
    const left = (running.get(tenant) ?? 0) + change;
    if (left === 0) running.delete(tenant);
    else running.set(tenant, left);
  };
  const startNext = () => {
    const next = pickNext(waiting, running);
    if (!next) return;
    waiting.splice(waiting.indexOf(next), 1);
    count(next.tenant, 1);
    next.start();
  };
  const isFull = () => all >= limit;
  const of: FairLimiter["of"] = (turn) => async (work) => {
    if (isFull()) {
      const begun = Promise.withResolvers<void>();
      waiting.push({ ...turn, start: begun.resolve });
      await begun.promise;
    } else count(turn.tenant, 1);
    try {
      return await work();
    } finally {
      count(turn.tenant, -1);
      startNext();
    }
  };
  return { of, isFull };
}
