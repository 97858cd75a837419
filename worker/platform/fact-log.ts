import type { Fact } from "../domain/facts/fact.ts";
import type { Listener } from "./tell.ts";

export interface FactLogOptions {
  /** Writes one line. */
  readonly write: (event: string, fields: Record<string, unknown>) => void;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
}

/**
 * Facts are gathered, for a line costs more than a fact: a line holds this many at most, and waits this long.
 */
const MAX_FACTS = 64;
const FLUSH_MS = 1000;

/**
 * The log's view of the facts: one entry a request or job, several in a line. A call that answered is left
 * out, for what it answered says the same. A request waits out the time for those that come after it; where
 * it has died before that, the next fact writes the line.
 */
export function createFactLog({ write, sleep, now }: FactLogOptions): Listener {
  let facts: Fact[] = [];
  let flushAt = 0;
  const flush = () => {
    if (facts.length === 0) return;
    const written = facts;
    facts = [];
    write("facts", { facts: written });
  };
  const waitAndFlush = async (opened: Fact[]) => {
    await sleep(FLUSH_MS);
    if (facts === opened) flush();
  };
  return (fact, defer) => {
    if (fact.kind === "attempt" && fact.error === null && fact.sharedBy === 1) return;
    const time = now();
    facts.push(fact);
    if (facts.length >= MAX_FACTS || (facts.length > 1 && time >= flushAt)) return flush();
    if (facts.length > 1) return;
    flushAt = time + FLUSH_MS;
    defer(waitAndFlush(facts));
  };
}
