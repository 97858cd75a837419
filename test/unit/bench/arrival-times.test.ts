import { describe, expect, it } from "vitest";
import { drawArrivalTimes } from "../../../bench/load/arrival-times.ts";
import { percentile } from "../../../bench/report/percentile.ts";

const gapsOf = (times: readonly number[]) => times.map((time, index) => time - (times[index - 1] ?? 0));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("arrivals", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(drawArrivalTimes(100, 50, 1)).toEqual(drawArrivalTimes(100, 50, 1));
    expect(drawArrivalTimes(100, 50, 1)).not.toEqual(drawArrivalTimes(100, 50, 2));
  });

  it("come in order, at the rate that was asked for", () => {
    const times = drawArrivalTimes(400, 20_000, 7);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(mean(gapsOf(times))).toBeCloseTo(2.5, 1);
  });

  it("are as irregular as those of independent callers", () => {
    const gaps = gapsOf(drawArrivalTimes(100, 20_000, 7));
    const average = mean(gaps);
    const deviation = Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2)));
    expect(deviation / average).toBeCloseTo(1, 1); // An exponential's deviation is its mean.
  });
});

describe("a percentile", () => {
  it("is the value that so many are not above", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile([3], 0.01)).toBe(3);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
