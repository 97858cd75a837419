import type { Defer, Fact } from "../domain/facts/fact.ts";
import type { Listener } from "./tell.ts";

export interface FactLogOptions {
  /** Writes one line. */
  readonly write: (event: string, fields: Record<string, unknown>) => void;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

/**
 * Facts are gathered, for a line costs more than a fact: a line holds this many at most, and waits this long.
 */
const MAX_FACTS = 64;
const FLUSH_MS = 1000;

/**
 * The log's view of the facts: one entry a request or job, several in a line. A call that answered is left
 * out, for what it answered says the same. The request whose fact opens a line waits for those that come
 * after it; where it has died before the time is over, the next fact writes the line.
 */
export function createFactLog({ write, sleep, now }: FactLogOptions): Listener {
  let facts: Fact[] = [];
  let flushAt = 0;
  /** The request that waits, which nobody but itself may wake: a promise belongs to the request that made it. */
  let waiting: { readonly defer: Defer; readonly wake: () => void } | undefined;
  const flush = () => {
    if (facts.length === 0) return;
    const written = facts;
    facts = [];
    write("facts", { facts: written });
  };
  const waitAndFlush = async (opened: readonly Fact[], defer: Defer) => {
    const over = new AbortController();
    waiting = { defer, wake: () => over.abort() };
    await sleep(FLUSH_MS, over.signal);
    if (facts === opened) flush();
  };
  return {
    hear(fact, defer) {
      if (fact.kind === "attempt" && fact.error === null && fact.sharedBy === 1) return;
      const time = now();
      if (facts.push(fact) >= MAX_FACTS || (facts.length > 1 && time >= flushAt)) return flush();
      if (facts.length > 1) return;
      flushAt = time + FLUSH_MS;
      defer(waitAndFlush(facts, defer));
    },
    flush(defer) {
      flush();
      if (waiting?.defer === defer) waiting.wake();
    },
  };
}
