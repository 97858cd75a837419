import { describe, expect, it } from "vitest";
import { fitExponent, judgeGrowth } from "../../../bench/scaling/judge-growth.ts";

const SIZES = [1, 100, 300, 1000];
const measure = (cost: (size: number) => number, sizes = SIZES) =>
  sizes.map((size) => ({ size, cpuMicroseconds: cost(size) }));

describe("the exponent of a cost", () => {
  it.each([
    ["linear, and nothing fixed", (size: number) => 3 * size, 1],
    ["linear above a large fixed cost", (size: number) => 150 + 3 * size, 1],
    ["quadratic above a fixed cost", (size: number) => 150 + 0.01 * size ** 2, 2],
  ])("is found where it is %s", (_, cost, exponent) => {
    expect(fitExponent(measure(cost))).toBeCloseTo(exponent, 1);
  });

  it("is found from where the smallest size is not small", () => {
    expect(fitExponent(measure((size) => 1000 + 7 * size, [200, 2000, 20_000]))).toBeCloseTo(1, 5);
  });

  it("ignores sizes whose cost is hardly above the smallest's", () => {
    const [first, , ...rest] = measure((size) => 150 + size);
    const noisy = [first, { size: 10, cpuMicroseconds: 150.1 }, ...rest].flatMap((point) => point ?? []);
    expect(fitExponent(noisy)).toBeCloseTo(1, 2);
  });

  it("is unknown where nothing grows, or one size only", () => {
    expect(fitExponent(measure(() => 150))).toBeUndefined();
    expect(fitExponent(measure((size) => (size === 1000 ? 400 : 150)))).toBeUndefined();
    expect(fitExponent([])).toBeUndefined();
  });
});

describe("what is to be linear", () => {
  it("is met with some noise, and where it does not grow at all", () => {
    const noisy = measure((size) => (150 + 3 * size) * (size === 1000 ? 1.08 : 1));
    expect(judgeGrowth(noisy, "linear").verdict).toBe("met");
    expect(
      judgeGrowth(
        measure(() => 150),
        "linear",
      ).verdict,
    ).toBe("met");
  });

  it("is super-linear where a part of it is quadratic", () => {
    const growth = judgeGrowth(
      measure((size) => 150 + 2 * size + 0.01 * size ** 2),
      "linear",
    );
    expect(growth.verdict).toBe("super-linear");
    expect(growth.exponent).toBeGreaterThan(1.15);
  });
});

describe("what is to be flat", () => {
  it("is met where the largest costs about what the smallest does", () => {
    expect(
      judgeGrowth(
        measure((size) => 150 + size / 100),
        "flat",
      ).verdict,
    ).toBe("met");
  });

  it("grows where it costs notably more, though it is linear", () => {
    const growth = judgeGrowth(
      measure((size) => 150 + 0.1 * size),
      "flat",
    );
    expect(growth).toMatchObject({ verdict: "grows", ratio: expect.closeTo(250 / 150.1, 5) });
  });
});
