/** How a cost grows with a size. Pure. */

export interface Point {
  readonly size: number;
  readonly cpuMicroseconds: number;
}

export interface Growth {
  /** `k` of `a + b·sizeᵏ`; undefined where too few sizes cost notably more than the smallest. */
  readonly exponent: number | undefined;
  /** What the largest size costs of the smallest. */
  readonly ratio: number;
  readonly verdict: "met" | "super-linear" | "grows";
}

/** What is to be in proportion to a size, and what is to be the same at any. */
export type Expected = "linear" | "flat";

/** What measurements of something that is linear, or flat, hardly ever exceed. */
export const MOST = 1.15;

/** From how many times the smallest size's cost on a size is large: what grows is then more than noise. */
const LARGE = 1.5;

/** Judges costs at two or more sizes, the smallest first. */
export function judgeGrowth(points: readonly Point[], expected: Expected): Growth {
  const exponent = fitExponent(points);
  const ratio = (points.at(-1)?.cpuMicroseconds ?? Number.NaN) / (points[0]?.cpuMicroseconds ?? Number.NaN);
  if (expected === "flat") return { exponent, ratio, verdict: ratio > MOST ? "grows" : "met" };
  return { exponent, ratio, verdict: (exponent ?? 1) > MOST ? "super-linear" : "met" };
}

/**
 * The exponent with the fixed cost taken off: what the smallest size costs is subtracted from what the
 * large ones do, its size from theirs, and the slope of a straight line through the logarithms of the rest
 * is the exponent (least squares). A cost that is linear has 1 whatever it starts from.
 */
export function fitExponent([smallest, ...others]: readonly Point[]): number | undefined {
  if (!smallest) return undefined;
  const large = others.filter(({ cpuMicroseconds }) => cpuMicroseconds >= LARGE * smallest.cpuMicroseconds);
  if (large.length < 2) return undefined;
  const xs = large.map(({ size }) => Math.log(size - smallest.size));
  const ys = large.map(({ cpuMicroseconds }) => Math.log(cpuMicroseconds - smallest.cpuMicroseconds));
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, at) => (x - meanX) * ((ys[at] ?? 0) - meanY)));
  return covariance / mean(xs.map((x) => (x - meanX) ** 2));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
