import { describe, expect, it } from "vitest";
import { upgradeRow } from "../../../durable-objects/upgrade-row.ts";

type Step = Parameters<typeof upgradeRow>[1][number];
const steps: Step[] = ["a", "b", "c"].map((name) => (row) => ({
  ...row,
  path: [...(Array.isArray(row["path"]) ? (row["path"] as unknown[]) : []), name],
}));

describe("a stored row", () => {
  it("goes through each later step once and in order", () => {
    expect(upgradeRow({ version: 1 }, steps)).toEqual({ version: 4, path: ["a", "b", "c"] });
    expect(upgradeRow({ version: 3 }, steps)).toEqual({ version: 4, path: ["c"] });
    expect(upgradeRow({ version: 4 }, steps)).toEqual({ version: 4 });
    expect(upgradeRow(upgradeRow({ version: 2 }, steps), steps)).toEqual({ version: 4, path: ["b", "c"] });
  });

  it("of an unknown version is not touched", () => {
    for (const row of [{ version: 5 }, { version: 0 }, {}, "row", null]) {
      expect(() => upgradeRow(row, steps)).toThrow();
    }
  });
});
