import { describe, expect, it } from "vitest";
import { ServiceTime } from "../../../durable-objects/request-window/service-time.ts";

const after = (calls: readonly (readonly [items: number, ms: number])[]) => {
  const service = new ServiceTime();
  for (const [items, ms] of calls) service.add(items, ms);
  return service;
};

describe("the estimate of a target's calls", () => {
  it("is nothing before the fifth", () => {
    expect(after([]).predict(1)).toBeUndefined();
    expect(after([1, 2, 3, 4].map((items) => [items, 10])).predict(1)).toBeUndefined();
  });

  it("is the line they lie on", () => {
    const service = after([1, 4, 8, 16, 32].map((items) => [items, 20 + items]));
    expect(service.predict(2)).toBeCloseTo(22);
    expect(service.predict(64)).toBeCloseTo(84);
  });

  it("is their mean where all carry as much", () => {
    expect(after([10, 20, 30, 20, 20].map((ms) => [8, ms])).predict(8)).toBeCloseTo(20);
  });

  it("never says that more items take less time, or that a call takes less than none", () => {
    const falling = after([1, 2, 3, 4, 5].map((items) => [items, 100 - 10 * items]));
    expect(falling.predict(100)).toBeCloseTo(70);
    const steep = after([10, 10, 10, 20, 20].map((items, index) => [items, items * items + index]));
    expect(steep.predict(1)).toBeGreaterThanOrEqual(0);
    expect(steep.predict(0)).toBeGreaterThanOrEqual(0);
  });

  it("forgets all but the last fifty calls", () => {
    const calls = Array.from(
      { length: 100 },
      (_, index) => [1 + (index % 8), index < 50 ? 500 : 10] as const,
    );
    expect(after(calls).predict(4)).toBeCloseTo(10);
  });
});
