import * as fc from "fast-check";
import { expect, it } from "vitest";
import { splitUsage } from "../../../worker/domain/windows/split-usage.ts";

it("divides by weight, and the parts sum to the whole", () => {
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.nat(1000),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
      (total, cached, weights) => {
        const usage = { prompt_tokens: total, prompt_tokens_details: { cached_tokens: cached } };
        const parts = splitUsage(usage, weights);
        const sum = parts.reduce((all, part) => all + (part.prompt_tokens ?? 0), 0);
        const details = parts.map((part) => part["prompt_tokens_details"] as { cached_tokens: number });
        expect(sum).toBe(total);
        expect(details.reduce((all, part) => all + part.cached_tokens, 0)).toBe(cached);
        const whole = weights.reduce((all, weight) => all + weight, 0);
        for (const [at, part] of parts.entries()) {
          const exact = whole === 0 ? total / weights.length : (total * (weights[at] ?? 0)) / whole;
          expect(Math.abs((part.prompt_tokens ?? 0) - exact)).toBeLessThan(1);
        }
      },
    ),
  );
});

it("gives all of them what is not a number, and does not round fractions", () => {
  expect(splitUsage({ total_tokens: 3, estimated: true, cost: 0.5, note: null }, [1, 1])).toEqual([
    { total_tokens: 2, estimated: true, cost: 0.25, note: null },
    { total_tokens: 1, estimated: true, cost: 0.25, note: null },
  ]);
});
