import { drawArrivalTimes } from "../../../bench/load/arrival-times.ts";
import { simulateRequests } from "./simulated-gateway.ts";
import { REFUSED } from "./upstream.ts";

/** Requests a second that come while the one target is down. */
export const LOADS = [1, 2, 5, 10, 20, 50, 100, 200, 500] as const;
const REQUESTS = 2000;

export interface Amplified {
  readonly load: number;
  /** Calls a request where each may make four and nothing else bounds them, as many clients do by themselves. */
  readonly unbounded: number;
  /** With the budget of retries, the breaker being off. */
  readonly budget: number;
  /** As it is. */
  readonly breaker: number;
}

/** How many calls a target that is down gets for each request. */
export const measureAmplification = (loads: readonly number[] = LOADS): Promise<readonly Amplified[]> =>
  Promise.all(
    loads.map(async (load) => {
      const arrivals = drawArrivalTimes(load, REQUESTS, 3);
      const target = { models: ["one"], upstream: () => REFUSED };
      const retry = { attempts: 3 };
      const four = { route: { retry: { attempts: 4 } }, breaker: false, unbounded: true };
      const unbounded = await simulateRequests({ ...target, ...four }, arrivals);
      const budgeted = await simulateRequests({ ...target, route: { retry }, breaker: false }, arrivals);
      const guarded = await simulateRequests({ ...target, route: { retry } }, arrivals);
      return {
        load,
        unbounded: unbounded.callsAt.length / REQUESTS,
        budget: budgeted.callsAt.length / REQUESTS,
        breaker: guarded.callsAt.length / REQUESTS,
      };
    }),
  );
