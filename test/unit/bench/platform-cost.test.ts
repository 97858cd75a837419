import { describe, expect, it } from "vitest";
import { costPerMillion, NO_USE, shareUse } from "../../../bench/jobs/platform-cost.ts";

describe("what a million cost on the platform", () => {
  it("is nothing for what asks nothing of it", () => {
    expect(costPerMillion(NO_USE)).toBe(0);
  });

  it.each([
    ["workerRequests", 0.3],
    ["cpuMs", 0.02],
    ["kvReads", 0.5],
    ["kvWrites", 5],
    ["objectRequests", 0.15],
    ["rowsWritten", 1],
    ["rowsRead", 0.001],
    ["objectSeconds", 1.6],
    ["queueOperations", 0.4],
  ])("is for one of %s each %d USD", (kind, usd) => {
    expect(costPerMillion({ ...NO_USE, [kind]: 1 })).toBeCloseTo(usd, 10);
  });

  it("adds up for a job that has a message of its own and is run by a delivery of its own", () => {
    const use = {
      ...NO_USE,
      workerRequests: 2,
      cpuMs: 2,
      objectRequests: 3,
      rowsWritten: 4,
      queueOperations: 3,
    };
    expect(costPerMillion(use)).toBeCloseTo(0.6 + 0.04 + 0.45 + 4 + 1.2, 10);
  });

  it("is for one of many that share a use their part of it", () => {
    const message = { ...NO_USE, queueOperations: 3, workerRequests: 1 };
    expect(costPerMillion(shareUse(message, 10))).toBeCloseTo((1.2 + 0.3) / 10, 10);
  });
});
