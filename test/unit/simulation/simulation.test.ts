import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHART, PAGE, writeDocuments } from "../../../scripts/simulation/documents.ts";
import type { PolicyName } from "../../../scripts/simulation/policies.ts";
import { CASES, LOADS, type Point, type Sweep, sweepCases } from "../../../scripts/simulation/sweep.ts";
import { findKept } from "../../../scripts/simulation/tables.ts";

const sweeps = sweepCases();
const FIXED = ["fixed5", "fixed20", "fixed50"] as const;

const at = (sweep: Sweep, name: PolicyName, load: number): Point => {
  const point = sweep[name].find((each) => each.load === load);
  if (!point) throw new Error(`no load ${load}`);
  return point;
};

describe.each(["steep", "triton"] as const)("the greedy window over load, case %s", (name) => {
  const sweep = sweeps[name];
  const { baseMs, perItemMs } = CASES[name].upstream;

  it("costs a lone request nothing: the median is the bare service time", () => {
    for (const load of [1, 2, 5, 10]) {
      expect(at(sweep, "greedy", load).medianMs).toBeCloseTo(baseMs + perItemMs, 6);
    }
  });

  it("is at most 1.3 times as slow in the median as no window at 20 a second", () => {
    expect(at(sweep, "greedy", 20).medianMs).toBeLessThanOrEqual(1.3 * at(sweep, "separate", 20).medianMs);
  });

  it("is no slower in the median than any fixed window, at any load", () => {
    for (const load of LOADS) {
      const fastest = Math.min(...FIXED.map((fixed) => at(sweep, fixed, load).medianMs));
      // Where all but the last slot is taken, waiting for a full group of 4 can win a few percent.
      expect(at(sweep, "greedy", load).medianMs, `at ${load}`).toBeLessThanOrEqual(1.03 * fastest);
    }
  });

  it("answers at least as many in time as any other policy, at any load", () => {
    for (const load of LOADS) {
      const others = [...FIXED, "separate" as const].map((other) => at(sweep, other, load).inTimeShare);
      expect(at(sweep, "greedy", load).inTimeShare, `at ${load}`).toBeGreaterThanOrEqual(
        0.995 * Math.max(...others),
      );
    }
  });

  it("answers no fewer in time the more come, however many", () => {
    const answered = sweep.greedy.map(({ inTimePerSecond }) => inTimePerSecond);
    for (const [index, more] of answered.entries()) {
      expect(more).toBeGreaterThanOrEqual(0.97 * Math.max(...answered.slice(0, index), 0));
    }
  });

  it("makes hardly any call in vain: an answer that comes is in time", () => {
    for (const { load, inTimeShare, refusedShare } of sweep.greedy) {
      expect(inTimeShare + refusedShare, `at ${load}`).toBeGreaterThan(0.999);
    }
  });
});

describe("what the greedy window holds", () => {
  it.each([
    { name: "steep", times: 8 },
    { name: "triton", times: 3.4 },
  ] as const)("is at 2,000 a second at least $times times what no window does, case $name", (of) => {
    const [greedy, separate] = (["greedy", "separate"] as const).map(
      (policy) => at(sweeps[of.name], policy, 2000).inTimePerSecond,
    );
    expect(greedy).toBeGreaterThanOrEqual(of.times * (separate ?? Infinity));
  });

  it("is at least 400 a second within a p99 of 100 ms where one call each saturates near 48", () => {
    const kept = findKept(sweeps.steep.greedy);
    expect(kept?.load).toBeGreaterThanOrEqual(400);
    expect(kept?.p99Ms).toBeLessThanOrEqual(100);
    expect(at(sweeps.steep, "separate", 2000).inTimePerSecond).toBeCloseTo(1000 / 21, -1);
  });
});

describe("the documentation", () => {
  const page = readFileSync(PAGE, "utf8");
  const written = writeDocuments(page, sweeps);

  it("shows the chart that `npm run simulate` draws", () => {
    expect(written.chart === readFileSync(CHART, "utf8")).toBe(true);
  });

  it("holds the numbers that `npm run simulate` writes", () => {
    expect(written.page).toBe(page);
  });

  it("is the same whenever it is written", () => {
    expect(writeDocuments(page)).toEqual(written);
  });
});
