import { drawArrivalTimes, mulberry32 } from "../../../bench/load/arrival-times.ts";
import { type Simulated, simulateRequests } from "./simulated-gateway.ts";
import { drawLatency, REFUSED, type Upstream } from "./upstream.ts";

export const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as const;
const REQUESTS = 4000;
const LOAD = 20;

export interface Survived {
  /** The share of calls that fail, at each target by itself. */
  readonly share: number;
  /** The share of requests that are answered: by one target asked once; … */
  readonly once: number;
  /** … by one target as it is; … */
  readonly one: number;
  /** … by two. */
  readonly two: number;
}

/** How many requests are answered where calls fail at random. */
export const measureFailures = (shares: readonly number[] = SHARES): Promise<readonly Survived[]> =>
  Promise.all(
    shares.map(async (share) => {
      const answered = async (simulated: Omit<Simulated, "upstream">) => {
        const arrivals = drawArrivalTimes(LOAD, REQUESTS, 3);
        const { ends } = await simulateRequests({ ...simulated, upstream: failing(share) }, arrivals);
        return ends.filter(({ ok }) => ok).length / REQUESTS;
      };
      return {
        share,
        once: await answered({ models: ["one"], route: { retry: { attempts: 1 } }, breaker: false }),
        one: await answered({ models: ["one"] }),
        two: await answered({ models: ["one", "two"] }),
      };
    }),
  );

function failing(share: number): Upstream {
  const draw = mulberry32(5);
  const random = () => 1 - draw();
  return () => (random() <= share ? REFUSED : { tookMs: drawLatency(random) });
}
