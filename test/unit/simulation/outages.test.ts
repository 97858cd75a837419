import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OUTAGE_PAGE, writeOutagePage } from "../../../scripts/simulation/documents.ts";
import { COMPLETE_WITHIN_MS, measureOutages } from "../../../scripts/simulation/outages/outages.ts";
import { simulateOutage } from "../../../scripts/simulation/outages/simulate-outage.ts";

const measured = measureOutages();

describe.each(measured)("jobs that have time left in an outage of $title", (outage) => {
  it("are all answered, by no more than 1.25 calls each", () => {
    expect(outage.survivedShare).toBe(1);
    expect(outage.callsPerJob).toBeLessThanOrEqual(1.25);
    expect(outage.callsAlone).toBeGreaterThan(outage.callsPerJob);
  });

  it("are all answered soon after its end", () => {
    expect(outage.longestLateMs).toBeLessThanOrEqual(15 * 60_000);
  });
});

describe("an outage", () => {
  const burst = (jobs: number, lengthMs: number, completeWithinMs = COMPLETE_WITHIN_MS) =>
    simulateOutage({
      arrivals: Array.from({ length: jobs }, () => 0),
      beginsAt: 0,
      endsAt: lengthMs,
      completeWithinMs,
      isolates: 1,
      pauses: true,
    });

  it("of a second ends none of twenty jobs that came at once", () => {
    const { answeredAt, calls } = burst(20, 1000, 3_600_000);
    expect(answeredAt.every((at) => at !== undefined)).toBe(true);
    expect(calls).toBeLessThanOrEqual(30);
  });

  it.each([1000, 60_000, 3_600_000])("of %d ms makes few calls for hundreds that came at once", (ms) => {
    const { answeredAt, calls } = burst(400, ms);
    expect(answeredAt.every((at) => at !== undefined)).toBe(true);
    expect(calls).toBeLessThanOrEqual(500);
  });

  it("is survived by a job that is alone", () => {
    const { answeredAt, calls } = burst(1, 3_600_000);
    expect(answeredAt[0]).toBeGreaterThan(3_600_000);
    expect(calls).toBeLessThan(60);
  });

  it("that outlasts the jobs ends, with a few calls each", () => {
    const { answeredAt, calls } = burst(100, 3_600_000, 600_000);
    expect(answeredAt.every((at) => at === undefined)).toBe(true);
    expect(calls).toBeLessThanOrEqual(900);
  });
});

describe("the page of jobs", () => {
  it("holds the numbers that `npm run simulate` writes", () => {
    const page = readFileSync(OUTAGE_PAGE, "utf8");
    expect(writeOutagePage(page, measured)).toBe(page);
  });
});
