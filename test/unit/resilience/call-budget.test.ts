import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallBudget, hedgesOf, RETRIES } from "../../../worker/domain/resilience/call-budget.ts";

describe("a budget of extra calls", () => {
  it("allows a fifth of the calls and three a second, whatever is asked of it, and what was saved before", () => {
    const law = fc.property(
      fc.array(fc.record({ afterMs: fc.nat(200), spends: fc.nat(5) }), { minLength: 50, maxLength: 400 }),
      (steps) => {
        const budget = new CallBudget(RETRIES, 0);
        let now = 0;
        let spent = 0;
        for (const { afterMs, spends } of steps) {
          now += afterMs;
          budget.earn(now);
          for (let at = 0; at < spends; at++) if (budget.spend(now)) spent++;
        }
        expect(spent).toBeLessThanOrEqual(RETRIES.perSecond * (1 + now / 1000) + 0.2 * steps.length + 0.001);
      },
    );
    fc.assert(law, { numRuns: 200 });
  });

  it("saves up no more than its most, however long nothing is spent", () => {
    const budget = new CallBudget(RETRIES, 0);
    for (let at = 0; at < 10_000; at++) budget.earn(at);
    let spent = 0;
    while (budget.spend(10_000)) spent++;
    expect(spent).toBe(RETRIES.most);
  });

  it("is not used up by repeats that are answered", () => {
    const budget = new CallBudget(RETRIES, 0);
    for (let at = 0; at < 1000; at++) {
      expect(budget.spend(0)).toBe(true);
      budget.refund(0);
    }
  });

  it("allows one hedge in twenty calls", () => {
    const budget = new CallBudget(hedgesOf(0.05), 0);
    let spent = 0;
    for (let at = 0; at < 2000; at++) {
      budget.earn(0);
      if (budget.spend(0)) spent++;
    }
    expect(spent).toBeGreaterThanOrEqual(99);
    expect(spent).toBeLessThanOrEqual(101);
  });

  it("takes a clock that is set back for one that stands still", () => {
    const budget = new CallBudget(RETRIES, 10_000);
    while (budget.spend(10_000));
    expect(budget.spend(0)).toBe(false);
    expect(budget.spend(10_334)).toBe(true);
  });
});
