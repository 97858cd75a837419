import { describe, expect, it } from "vitest";
import { findHighest } from "../../../bench/windows/find-held.ts";

describe("the highest rate that holds", () => {
  it.each([21, 28, 47])("is found to a twentieth where it is %i", async (limit) => {
    const found = await findHighest([20, 48], async (rate) => rate <= limit);
    expect(found).toBeLessThanOrEqual(limit);
    expect(found * 1.05 + 1).toBeGreaterThan(limit);
  });

  it("takes few tries, each between what is known", async () => {
    const tried: number[] = [];
    await findHighest([200, 800], async (rate) => {
      tried.push(rate);
      return rate <= 500;
    });
    expect(tried.length).toBeLessThanOrEqual(5);
    expect(tried.every((rate) => rate > 200 && rate < 800)).toBe(true);
  });

  it("ends where no whole number is left between", async () => {
    await expect(findHighest([3, 4], async () => true)).resolves.toBe(3);
  });
});
