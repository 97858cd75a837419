import { parseArgs } from "node:util";
import type { CountPlan } from "./jobs/count-jobs.ts";
import type { JobPlan } from "./jobs/measure-jobs.ts";
import type { Plan } from "./measure.ts";
import type { WindowPlan } from "./windows/run-windows.ts";

export interface Options {
  readonly mode: "quick" | "full";
  readonly plan: Plan;
  readonly jobs: JobPlan & { readonly count: CountPlan };
  readonly windows: WindowPlan;
  /** Another checkout of the project, which is measured in turn with this one. */
  readonly against: string | undefined;
  /** Measures only the groups whose title holds this, and nothing else. */
  readonly only: string | undefined;
  readonly memoryKeys: number;
  readonly startupRuns: number;
  /** For about how many seconds each scenario is profiled. */
  readonly profileSeconds: number;
}

const ratesPerSecond = [100, 400];
const QUICK = {
  plan: { rounds: 3, seconds: 0.5, warmUpSeconds: 0.4 },
  jobs: {
    rounds: 1,
    seconds: 2,
    ratesPerSecond,
    count: { seconds: 2, ratesPerSecond, untilForgotten: false },
  },
  windows: {
    loads: { rounds: 1, seconds: 2 },
    held: { runs: 1, seconds: 2, fewestRequests: 100 },
    throughput: { rounds: 1, seconds: 2 },
    countSeconds: 2,
  },
  memoryKeys: 16_000,
  startupRuns: 1,
};
const FULL = {
  plan: { rounds: 9, seconds: 1, warmUpSeconds: 1.5 },
  jobs: {
    rounds: 5,
    seconds: 4,
    ratesPerSecond,
    count: { seconds: 4, ratesPerSecond, untilForgotten: true },
  },
  windows: {
    loads: { rounds: 5, seconds: 3 },
    held: { runs: 3, seconds: 4, fewestRequests: 200 },
    throughput: { rounds: 5, seconds: 3 },
    countSeconds: 4,
  },
  memoryKeys: 100_000,
  startupRuns: 5,
};

export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      against: { type: "string" },
      only: { type: "string" },
    },
  });
  const { quick, against, only } = values;
  const chosen = quick ? QUICK : FULL;
  return { ...chosen, mode: quick ? "quick" : "full", against, only, profileSeconds: quick ? 0.7 : 3 };
}
