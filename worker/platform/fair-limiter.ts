import type { JobFacts } from "../contract/jobs/job-facts.ts";
import type { Limiter } from "./limiter.ts";

/** Whose work it is. */
export interface Turn {
  readonly tenant: string;
  readonly priority: JobFacts["priority"];
}

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
    const [first, ...others] = waiting;
    if (!first) return;
    const next = others.reduce((best, each) => (goesBefore(each, best, running) ? each : best), first);
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

const RANKS = { interactive: 0, normal: 1, economy: 2 } as const;

function goesBefore(one: Turn, other: Turn, running: ReadonlyMap<string, number>): boolean {
  const ahead = RANKS[other.priority] - RANKS[one.priority];
  if (ahead !== 0) return ahead > 0;
  return (running.get(one.tenant) ?? 0) < (running.get(other.tenant) ?? 0);
}
