import { describe, expect, it } from "vitest";
import { adoptBreaker, tellChange } from "../../../worker/domain/resilience/adopt-breaker.ts";
import { type Breaker, hearCall, letThrough, openMs } from "../../../worker/domain/resilience/breaker.ts";
import type { SharedBreaker } from "../../../worker/domain/resilience/provider-health-protocol.ts";

const NOW = 1_000_000;
const FAILED = { code: "upstream_error" } as const;
const opened = (at: number, openUntil: number): SharedBreaker => ({
  name: "m",
  at,
  openUntil,
  code: "overloaded",
});
const closed = (at: number): SharedBreaker => ({ ...opened(at, 0) });

/** A breaker that has opened by itself, at that time. */
function fail(at: number, times = 5, before?: Breaker): Breaker | undefined {
  let breaker = before;
  for (let nth = 0; nth < times; nth++)
    breaker = hearCall(breaker, { startedAt: at, endedAt: at, error: FAILED });
  return breaker;
}

describe("a breaker that another isolate has opened", () => {
  it("is open here, for ten seconds at most, and lets one call through when that is over", () => {
    const short = adoptBreaker(undefined, opened(NOW - 10, NOW + 990), NOW);
    expect(openMs(short, NOW)).toBe(990);
    const long = adoptBreaker(undefined, opened(NOW - 10, NOW + 300_000), NOW);
    expect(openMs(long, NOW)).toBe(10_000);
    const tried = long && letThrough(long, NOW + 10_000, false);
    expect(openMs(tried, NOW + 10_001)).toBeGreaterThan(0);
    const answered = hearCall(tried, {
      startedAt: NOW + 10_000,
      endedAt: NOW + 10_500,
      error: undefined,
      isTrial: true,
    });
    expect(openMs(answered, NOW + 10_500)).toBeUndefined();
  });

  it.each([
    ["where it is over already", undefined, opened(NOW - 5000, NOW - 1)],
    ["where it is open here, too", fail(NOW - 10), opened(NOW - 5, NOW + 5000)],
  ])("changes nothing %s", (_, before, told) => {
    expect(adoptBreaker(before, told, NOW)).toBe(before);
  });

  it("changes nothing where this isolate has closed its own since then", () => {
    const trial = { startedAt: NOW - 100, endedAt: NOW - 50, error: undefined, isTrial: true };
    const before = hearCall(fail(NOW - 3000), trial);
    expect(openMs(before, NOW)).toBeUndefined();
    expect(adoptBreaker(before, opened(NOW - 60, NOW + 5000), NOW)).toBe(before);
  });
});

describe("a breaker that another isolate has closed", () => {
  it("lets one call through here at once", () => {
    const before = fail(NOW - 10);
    expect(openMs(before, NOW)).toBeGreaterThan(0);
    const after = adoptBreaker(before, closed(NOW - 5), NOW);
    expect(openMs(after, NOW)).toBeUndefined();
    const tried = after && letThrough(after, NOW, false);
    expect(openMs(tried, NOW + 1)).toBeGreaterThan(0);
  });

  it("changes nothing where this one has opened since, or is not open", () => {
    const before = fail(NOW - 10);
    expect(adoptBreaker(before, closed(NOW - 20), NOW)).toBe(before);
    expect(adoptBreaker(undefined, closed(NOW), NOW)).toBeUndefined();
  });
});

describe("what is told to others", () => {
  it("is that a breaker has opened, opened for longer, or closed, and nothing else", () => {
    const one = fail(NOW, 1);
    expect(tellChange("m", undefined, one, NOW)).toBeUndefined();
    const open = fail(NOW, 4, one);
    expect(tellChange("m", one, open, NOW)).toEqual({ ...opened(NOW, NOW + 1000) });
    expect(tellChange("m", open, open, NOW)).toBeUndefined();
    const again = hearCall(open, {
      startedAt: NOW + 1000,
      endedAt: NOW + 1000,
      error: FAILED,
      isTrial: true,
    });
    expect(tellChange("m", open, again, NOW)).toMatchObject({ at: NOW + 1000, openUntil: NOW + 3000 });
    const trial = { startedAt: NOW + 3000, endedAt: NOW + 3100, error: undefined, isTrial: true };
    const well = hearCall(again, trial);
    expect(tellChange("m", again, well, NOW + 3100)).toEqual(closed(NOW + 3100));
  });
});
