import { describe, expect, it } from "vitest";
import { mulberry32 } from "../../../bench/load/arrival-times.ts";
import { Latency } from "../../../worker/domain/resilience/latency.ts";

/** Answers that take so long, one a second from the first on. */
function heard(...tookMs: readonly number[]): Latency {
  const latency = new Latency();
  for (const [second, ms] of tookMs.entries()) latency.observe(ms, second * 1000);
  return latency;
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms);

describe("how long a target takes", () => {
  it("is not known before its first answer", () => {
    expect(new Latency().read(0)).toBeUndefined();
    expect(heard(400).read(0)).toMatchObject({ ewmaMs: 400, samples: 1 });
  });

  it("falls while nothing is heard, so that it is asked again", () => {
    const latency = heard(8000);
    const read = (at: number) => latency.read(at)?.ewmaMs ?? 0;
    expect(read(3_600_000)).toBeCloseTo(8000 / Math.E);
    expect(read(36_000_000)).toBeLessThan(1);
  });

  it("counts a call that was given up as one that took longer, unless it was given up early", () => {
    const latency = heard(...times(50, 400));
    latency.observeUnanswered(100, 50_000);
    expect(latency.read(50_000)?.samples).toBe(50);
    for (let n = 0; n < 5; n++) latency.observeUnanswered(5000, 50_000);
    expect(latency.read(50_000)?.samples).toBe(55);
    expect(latency.read(50_000)?.p95Ms).toBeGreaterThan(4999);
  });

  it("has a 95th percentile within 15% of the true one, whatever the time is", () => {
    for (const scale of [10, 400, 60_000]) {
      const random = mulberry32(7);
      const drawn = times(400, 0).map(() => scale * Math.exp(random() * 2));
      const exact = drawn.toSorted((one, other) => one - other)[379] ?? NaN;
      const p95Ms = heard(...drawn).read(400_000)?.p95Ms ?? NaN;
      expect(p95Ms / exact).toBeGreaterThan(0.99);
      expect(p95Ms / exact).toBeLessThan(1.16);
    }
  });

  it("forgets old answers: by many new ones, and with time", () => {
    const latency = heard(...times(100, 5000), ...times(2000, 400));
    expect(latency.read(2_100_000)?.p95Ms).toBeLessThan(500);
    expect(latency.read(2_100_000)?.samples).toBeLessThanOrEqual(512);
    const rare = heard(...times(100, 5000));
    for (let n = 1; n <= 20; n++) rare.observe(400, n * 600_000);
    expect(rare.read(0)?.p95Ms).toBeLessThan(500);
  });

  it("takes answers of no time and of days", () => {
    expect(heard(0, 0).read(0)?.p95Ms).toBe(5);
    expect(Number.isFinite(heard(1e12).read(0)?.p95Ms)).toBe(true);
  });
});
