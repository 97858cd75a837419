import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CacheDirectives, NO_DIRECTIVES } from "../../../worker/domain/cache/cache-directives.ts";
import { judgeLifetime, type Verdict } from "../../../worker/domain/cache/freshness.ts";

/** Stored at 0, fresh for 100 s, then stale for 50 s, made in no time. */
const life = { storedAt: 0, freshUntil: 100_000, staleUntil: 150_000, madeInMs: 0 };
const judge = (now: number, directives: Partial<CacheDirectives> = {}) =>
  judgeLifetime(life, { ...NO_DIRECTIVES, ...directives }, now, 0.5);

describe("judgeLifetime", () => {
  it.each<[number, Verdict]>([
    [0, "fresh"],
    [99_999, "fresh"],
    [100_000, "stale"],
    [149_999, "stale"],
    [150_000, "unusable"],
    [1_000_000, "unusable"],
  ])("at %i ms is %s", (now, verdict) => {
    expect(judge(now)).toBe(verdict);
  });

  it.each<[string, number, Partial<CacheDirectives>, Verdict]>([
    ["max-age at its limit", 30_000, { maxAge: 30 }, "fresh"],
    ["max-age past its limit", 30_001, { maxAge: 30 }, "unusable"],
    ["max-age=0 at once", 0, { maxAge: 0 }, "fresh"],
    ["max-age=0 later", 1, { maxAge: 0 }, "unusable"],
    ["max-age beyond the route's own limit takes nothing stale", 120_000, { maxAge: 1000 }, "unusable"],
    ["max-age with max-stale takes the stale", 120_000, { maxAge: 1000, maxStale: 30 }, "stale"],
    ["max-age too old in spite of max-stale", 120_000, { maxAge: 60, maxStale: Infinity }, "unusable"],
    ["min-fresh at its limit", 90_000, { minFresh: 10 }, "fresh"],
    ["min-fresh past its limit", 90_001, { minFresh: 10 }, "unusable"],
    ["min-fresh of nothing takes nothing stale", 100_001, { minFresh: 0 }, "unusable"],
    ["max-stale at its limit", 110_000, { maxStale: 10 }, "stale"],
    ["max-stale past its limit", 110_001, { maxStale: 10 }, "unusable"],
    ["max-stale=0 takes nothing stale", 100_001, { maxStale: 0 }, "unusable"],
    ["max-stale without a limit outlives the route's", 1_000_000, { maxStale: Infinity }, "stale"],
    ["max-stale leaves the fresh fresh", 50_000, { maxStale: 10 }, "fresh"],
  ])("%s (at %i ms)", (_, now, directives, verdict) => {
    expect(judge(now, directives)).toBe(verdict);
  });
});

/** The share of evenly spread rolls that ask for an early refresh. */
function shareOfEarly(remainingMs: number, madeInMs: number): number {
  const entry = { ...life, madeInMs };
  const rolls = Array.from({ length: 10_000 }, (_, at) => (at + 1) / 10_000);
  const early = rolls.filter(
    (roll) => judgeLifetime(entry, NO_DIRECTIVES, entry.freshUntil - remainingMs, roll) === "early",
  );
  return early.length / rolls.length;
}

describe("judgeLifetime's early refresh", () => {
  it.each([
    [1, 1000],
    [200, 1000],
    [1000, 1000],
    [3000, 1000],
    [5000, 20_000],
    [90_000, 20_000],
  ])("comes with chance exp(-left/made): %i ms left of what took %i ms", (remainingMs, madeInMs) => {
    expect(shareOfEarly(remainingMs, madeInMs)).toBeCloseTo(Math.exp(-remainingMs / madeInMs), 3);
  });

  it("never comes for what took no time to make", () => {
    expect(shareOfEarly(1, 0)).toBe(0);
    expect(judgeLifetime(life, NO_DIRECTIVES, 99_999, Number.MIN_VALUE)).toBe("fresh");
  });

  it("never comes at the highest roll, nor makes a stale entry anything else", () => {
    const slow = { ...life, madeInMs: 1e9 };
    expect(judgeLifetime(slow, NO_DIRECTIVES, 99_999, 1)).toBe("fresh");
    expect(judgeLifetime(slow, NO_DIRECTIVES, 100_000, 1e-9)).toBe("stale");
  });

  it("gets no less likely as expiry nears", () => {
    const times = fc.tuple(fc.nat(99_999), fc.nat(99_999), fc.double({ min: 1e-9, max: 1, noNaN: true }));
    const monotone = fc.property(times, ([a, b, roll]) => {
      const entry = { ...life, madeInMs: 5000 };
      const at = (now: number) => judgeLifetime(entry, NO_DIRECTIVES, now, roll);
      if (at(Math.min(a, b)) === "early") expect(at(Math.max(a, b))).toBe("early");
    });
    fc.assert(monotone);
  });
});
