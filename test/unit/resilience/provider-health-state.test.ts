import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBreakers } from "../../../durable-objects/provider-health/provider-health-state.ts";
import type { SharedBreaker } from "../../../worker/domain/resilience/provider-health-protocol.ts";

const NOW = 1_000_000;
const breaker = (name: string, at: number, openUntil = at + 1000): SharedBreaker => ({
  name,
  at,
  openUntil,
  code: "overloaded",
});

describe("what isolates tell of a provider's breakers", () => {
  it("is the latest word about each target, whoever's it is and in whatever order it comes", () => {
    const anyNews = fc.array(
      fc.record({ name: fc.constantFrom("a", "b", "c"), at: fc.integer({ min: NOW - 900_000, max: NOW }) }),
      { maxLength: 30 },
    );
    const law = fc.property(anyNews, fc.nat(30), (news, cut) => {
      const told = news.map(({ name, at }, nth) => breaker(name, at, nth));
      const known = joinBreakers(joinBreakers([], told.slice(0, cut), NOW), told.slice(cut), NOW);
      for (const name of ["a", "b", "c"]) {
        const latest = Math.max(...told.filter((each) => each.name === name).map(({ at }) => at));
        const kept = known.filter((each) => each.name === name);
        expect(kept.map(({ at }) => at)).toEqual(latest > NOW - 600_000 ? [latest] : []);
      }
    });
    fc.assert(law);
  });

  it("is never of the future, whatever an isolate's clock says", () => {
    const [ahead] = joinBreakers([], [breaker("a", NOW + 5000)], NOW);
    expect(ahead?.at).toBe(NOW);
    expect(joinBreakers([ahead ?? breaker("a", 0)], [breaker("a", NOW + 1, 0)], NOW + 1)).toMatchObject([
      { openUntil: 0 },
    ]);
  });

  it("is bounded: the oldest goes, and names that no target has", () => {
    const many = Array.from({ length: 300 }, (_, nth) => breaker(`m${nth}`, NOW - nth));
    const known = joinBreakers([], [...many, breaker("x".repeat(301), NOW)], NOW);
    expect(known).toHaveLength(200);
    expect(known.some(({ name }) => name === "m299" || name.length > 300)).toBe(false);
  });
});
