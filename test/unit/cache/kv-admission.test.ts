import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAnswer,
  addLookup,
  isWorthReading,
  isWorthWriting,
  NO_HISTORY,
  type RouteHistory,
} from "../../../worker/domain/cache/kv-admission.ts";

/** An embedding of 100 tokens at $0.02 a million. */
const EMBEDDING_USD = 100 * (0.02 / 1_000_000);
/** What costs ten writes: on the edge at a route's first chance of a hit, a tenth. */
const TEN_WRITES_USD = 10 * (5 / 1_000_000);

function look(hits: readonly boolean[], from: RouteHistory = NO_HISTORY): RouteHistory {
  return hits.reduce(addLookup, from);
}
const times = (count: number, hit: boolean) => Array<boolean>(count).fill(hit);

describe("isWorthWriting", () => {
  it("never writes an embedding of 100 tokens, whatever the route has shown", () => {
    const never = fc.property(fc.array(fc.boolean(), { maxLength: 3000 }), (hits) => {
      expect(isWorthWriting(look(hits), EMBEDDING_USD)).toBe(false);
    });
    fc.assert(never);
    expect(isWorthWriting(look(times(100_000, true)), EMBEDDING_USD)).toBe(false);
  });

  it("writes a chat answer of a tenth of a cent from the first", () => {
    expect(isWorthWriting(NO_HISTORY, 0.001)).toBe(true);
  });

  it("never writes what cost nothing", () => {
    expect(isWorthWriting(look(times(1000, true)), 0)).toBe(false);
  });

  it("starts from a chance of a tenth, and moves with what it sees", () => {
    expect(isWorthWriting(NO_HISTORY, TEN_WRITES_USD * 1.01)).toBe(true);
    expect(isWorthWriting(NO_HISTORY, TEN_WRITES_USD * 0.99)).toBe(false);
    expect(isWorthWriting(look([true]), TEN_WRITES_USD * 0.99)).toBe(true);
    expect(isWorthWriting(look([false]), TEN_WRITES_USD * 1.01)).toBe(false);
  });

  it("stops writing where nothing ever hits", () => {
    expect(isWorthWriting(look(times(999, false)), 0.001)).toBe(false);
  });

  it("tends to what the hits save: half of them hit, and two writes' worth pays", () => {
    const half = look(Array.from({ length: 900 }, (_, at) => at % 2 === 0));
    expect(isWorthWriting(half, 11 / 1_000_000)).toBe(true);
    expect(isWorthWriting(half, 9 / 1_000_000)).toBe(false);
  });
});

describe("addLookup", () => {
  it("halves a long past without changing its ratio", () => {
    const past = addAnswer(look(Array.from({ length: 1000 }, (_, at) => at % 4 === 0)), 0.5);
    expect(past).toEqual({ lookups: 1000, hits: 250, answers: 1, costUsd: 0.5 });
    expect(addLookup(past, false)).toEqual({ lookups: 501, hits: 125, answers: 0.5, costUsd: 0.25 });
  });

  it("never counts more than a thousand", () => {
    expect(look(times(50_000, true)).lookups).toBeLessThanOrEqual(1000);
  });

  it("lets the present outweigh a long past", () => {
    const { hits, lookups } = look(times(2000, true), look(times(50_000, false)));
    expect(hits / lookups).toBeGreaterThan(0.75);
  });
});

describe("isWorthReading", () => {
  it("reads for a route that has made nothing yet: others may have written", () => {
    expect(isWorthReading(NO_HISTORY)).toBe(true);
    expect(isWorthReading(look(times(500, false)))).toBe(true);
  });

  it("reads where the mean answer is worth a write, and not where it is not", () => {
    expect(isWorthReading(addAnswer(NO_HISTORY, 0.001))).toBe(true);
    expect(isWorthReading(addAnswer(NO_HISTORY, EMBEDDING_USD))).toBe(false);
  });

  it("judges by the mean, not the sum", () => {
    const many = Array<number>(1000).fill(EMBEDDING_USD);
    expect(isWorthReading(many.reduce(addAnswer, NO_HISTORY))).toBe(false);
  });
});
