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
 * Logs facts, several in a line. A successful attempt for one request is left out, for the answer's fact says
 * the same. The request that opens a line stays alive to write it; where the platform has stopped it before,
 * the next fact writes the line.
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
