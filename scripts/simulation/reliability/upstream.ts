import type { UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";

/** What a call of a simulated target comes to. */
export interface Fate {
  readonly tookMs: number;
  /** Undefined where it is answered. */
  readonly failure?: UpstreamFailure;
}

/** Decides what becomes of a call of this model at this time, in milliseconds. */
export type Upstream = (model: string, now: number) => Fate;

/** How a server fails that is there and not well: at once. */
export const REFUSED: Fate = {
  tookMs: 20,
  failure: { error: { code: "upstream_error" }, tryNext: true, status: 500 },
};

const MEDIAN_MS = 400;
const SIGMA = 0.35;
const SLOW_SHARE = 0.01;

/** How long a model takes: lognormal, but for one in a hundred that takes 2 to 10 s. Rolls are uniform in (0, 1]. */
export function drawLatency(random: () => number): number {
  if (random() <= SLOW_SHARE) return 2000 + random() * 8000;
  return MEDIAN_MS * Math.exp(SIGMA * drawNormal(random));
}

/** Box and Muller's. */
export const drawNormal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
