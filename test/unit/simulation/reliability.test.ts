import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { percentile } from "../../../bench/report/percentile.ts";
import {
  RELIABILITY_CHART,
  RELIABILITY_PAGE,
  writeReliability,
} from "../../../scripts/simulation/documents.ts";
import { quantile } from "../../../scripts/simulation/reliability/hedging.ts";
import { measureContention } from "../../../scripts/simulation/reliability/jitter.ts";
import { measureReliability } from "../../../scripts/simulation/reliability/results.ts";

const results = await measureReliability();
const { amplified, survived, hedged, recovered, year } = results;

describe.each(amplified)(
  "a target that is down, at $load requests a second",
  ({ load, unbounded, breaker, budget }) => {
    it("gets at most 1.25 times the calls that are asked for", () => {
      expect(unbounded).toBeCloseTo(4);
      expect(breaker).toBeLessThanOrEqual(1.25);
      expect(budget).toBeLessThanOrEqual(1.25 + 3 / load);
    });
  },
);

describe("calls that fail at random", () => {
  it("leave 97 of 100 requests answered at three in ten, with a second target", () => {
    expect(survived.find(({ share }) => share === 0.3)?.two).toBeGreaterThanOrEqual(0.97);
  });

  it("are never worse with the gateway than without", () => {
    for (const { once, one, two } of survived) {
      expect(one).toBeGreaterThanOrEqual(once);
      expect(two).toBeGreaterThanOrEqual(one);
    }
  });
});

describe("hedges", () => {
  it("take the tail of slow answers off, for at most 5% more calls", () => {
    expect(quantile(hedged.plain.times, 0.999)).toBeGreaterThan(9000);
    expect(quantile(hedged.hedged.times, 0.999)).toBeLessThanOrEqual(1500);
    expect(hedged.hedged.callsPerRequest).toBeGreaterThan(1.02);
    expect(hedged.hedged.callsPerRequest).toBeLessThanOrEqual(1.05);
  });
});

describe("waits between tries", () => {
  /** Means of 400 runs of AWS's own simulator (backoff_simulator.py, ExpoBackoffFullJitter, seed 1). */
  it.each([
    { clients: 10, timeMs: 467.6, calls: 39.1 },
    { clients: 50, timeMs: 2915.2, calls: 332.8 },
    { clients: 100, timeMs: 4900.8, calls: 796 },
  ])("are AWS's full jitter within 10%: $clients clients", ({ clients, timeMs, calls }) => {
    const measured = measureContention(clients, 200);
    expect(Math.abs(measured.timeMs / timeMs - 1)).toBeLessThan(0.1);
    expect(Math.abs(measured.calls / calls - 1)).toBeLessThan(0.1);
  });
});

describe.each(recovered)("a target that was down for $title", ({ aloneMs, besideMs, pauseMs }) => {
  it("is called again within a second where it is the only one, else within the pause under way", () => {
    expect(aloneMs).toBeLessThanOrEqual(1250);
    expect(besideMs).toBeLessThanOrEqual(pauseMs + 250);
  });
});

describe("a year of brown-outs", () => {
  it("is at least 20% shorter at p95 by `fastest` than by the best fixed order", () => {
    const best = Math.min(...year.fixed.map((times) => percentile(times, 0.95)));
    expect(percentile(year.fastest, 0.95)).toBeLessThanOrEqual(0.8 * best);
    expect(percentile(year.fastest, 0.5)).toBeLessThanOrEqual(
      Math.min(...year.fixed.map((times) => percentile(times, 0.5))),
    );
  });
});

describe("the page of reliability", () => {
  const page = readFileSync(RELIABILITY_PAGE, "utf8");
  const written = writeReliability(page, results);

  it("shows the chart that `npm run simulate` draws", () => {
    expect(written.chart === readFileSync(RELIABILITY_CHART, "utf8")).toBe(true);
  });

  it("holds the numbers that `npm run simulate` writes", () => {
    expect(written.page).toBe(page);
  });
});
