import { mulberry32 } from "../../../bench/load/arrival-times.ts";
import { simulateRequests } from "./simulated-gateway.ts";
import { drawLatency, drawNormal, type Upstream } from "./upstream.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
export const YEAR_DAYS = 365;
/** About one a day, of an hour and a half in the median, in which answers take three to ten times as long. */
const GAP_DAYS = 0.8;
const MEDIAN_MS = 90 * MINUTE;
const SIGMA = 1;
const MODELS = ["one", "two", "three"] as const;
/** Requests an hour. */
const PER_HOUR = 6;

interface BrownOut {
  readonly from: number;
  readonly to: number;
  readonly factor: number;
}

export interface Year {
  /** How long requests took, in milliseconds, by the target that comes first. */
  readonly fixed: readonly (readonly number[])[];
  readonly fastest: readonly number[];
}

/** The times of a year's requests, in each fixed order and by `fastest`, through the same brown-outs. */
export async function measureYear(days = YEAR_DAYS, seed = 2026): Promise<Year> {
  const draw = mulberry32(seed);
  const random = () => 1 - draw();
  const outs = new Map(MODELS.map((model) => [model as string, drawBrownOuts(days, random)]));
  const arrivals = Array.from({ length: days * 24 * PER_HOUR }, () => draw() * days * DAY).toSorted(
    (one, other) => one - other,
  );
  const run = async (models: readonly string[], strategy: "fallback" | "fastest") => {
    const upstream = brownUpstream(outs, seed);
    const { ends } = await simulateRequests({ models, route: { strategy }, upstream }, arrivals);
    return ends.map(({ tookMs }) => tookMs);
  };
  const fixed = [];
  for (const first of MODELS) fixed.push(await run([first], "fallback"));
  return { fixed, fastest: await run(MODELS, "fastest") };
}

function drawBrownOuts(days: number, random: () => number): readonly BrownOut[] {
  const outs: BrownOut[] = [];
  for (let at = 0; at < days * DAY;) {
    const from = at - Math.log(random()) * GAP_DAYS * DAY;
    const to = from + MEDIAN_MS * Math.exp(SIGMA * drawNormal(random));
    outs.push({ from, to, factor: 3 + 7 * random() });
    at = to;
  }
  return outs;
}

function brownUpstream(outs: ReadonlyMap<string, readonly BrownOut[]>, seed: number): Upstream {
  const draw = mulberry32(seed + 1);
  const next = new Map<string, number>();
  return (model, now) => {
    const all = outs.get(model) ?? [];
    let at = next.get(model) ?? 0;
    while ((all[at]?.to ?? Infinity) < now) at++;
    next.set(model, at);
    const out = all[at];
    const factor = out && now >= out.from ? out.factor : 1;
    return { tookMs: factor * drawLatency(() => 1 - draw()) };
  };
}
