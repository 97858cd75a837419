import { drawArrivalTimes, mulberry32 } from "../../../bench/load/arrival-times.ts";
import { simulateRequests } from "./simulated-gateway.ts";
import { drawLatency } from "./upstream.ts";

const REQUESTS = 20_000;
const LOAD = 20;
/** Before them nothing is known of how long answers take. */
const WARM_UP = 1000;

export interface Tail {
  /** In milliseconds, in ascending order. */
  readonly times: readonly number[];
  readonly callsPerRequest: number;
}

export interface Hedged {
  readonly plain: Tail;
  readonly hedged: Tail;
}

/** How long answers take with and without a second call for those that are late. */
export async function measureHedging(): Promise<Hedged> {
  const [plain, hedged] = await Promise.all([measureTail(false), measureTail(true)]);
  return { plain, hedged };
}

async function measureTail(hedges: boolean): Promise<Tail> {
  const draw = mulberry32(9);
  const upstream = () => ({ tookMs: drawLatency(() => 1 - draw()) });
  const arrivals = drawArrivalTimes(LOAD, REQUESTS, 3);
  const route = hedges ? { hedge: {} } : {};
  const { ends, callsAt } = await simulateRequests({ models: ["one", "two"], route, upstream }, arrivals);
  const times = ends.slice(WARM_UP).map(({ tookMs }) => tookMs);
  return { times: times.toSorted((one, other) => one - other), callsPerRequest: callsAt.length / REQUESTS };
}

/** The time that so many are not above, of times in ascending order. */
export const quantile = (times: readonly number[], share: number): number =>
  times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
