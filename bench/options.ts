import { parseArgs } from "node:util";
import type { CountPlan } from "./jobs/count-jobs.ts";
import type { JobPlan } from "./jobs/measure-jobs.ts";
import type { Plan } from "./bed.ts";
import type { WindowPlan } from "./windows/run-windows.ts";

export interface Options {
  readonly mode: "quick" | "full";
  readonly plan: Plan;
  readonly scaling: Plan;
  readonly jobs: JobPlan & { readonly count: CountPlan };
  readonly windows: WindowPlan;
  /** Another checkout of the project, which is measured in turn with this one. */
  readonly against: string | undefined;
  /** Measures only the groups whose title holds one of these, and nothing else. */
  readonly only: readonly string[] | undefined;
  readonly memoryKeys: number;
  readonly startupRuns: number;
  /** For about how many seconds each scenario is profiled. */
  readonly profileSeconds: number;
}

const ratesPerSecond = [100, 400];
const QUICK = {
  plan: { rounds: 3, seconds: 0.5, warmUpSeconds: 0.4 },
  scaling: { rounds: 2, seconds: 0.2, warmUpSeconds: 0.2 },
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
  profileSeconds: 0.7,
};
const FULL = {
  plan: { rounds: 9, seconds: 1, warmUpSeconds: 1.5 },
  scaling: { rounds: 5, seconds: 0.6, warmUpSeconds: 0.6 },
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
  profileSeconds: 3,
};

export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      against: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const { quick, against, only, rounds } = values;
  const chosen = quick ? QUICK : FULL;
  return {
    ...(rounds === undefined ? chosen : withRounds(chosen, readRounds(rounds))),
    mode: quick ? "quick" : "full",
    against,
    only: only?.split(",").map((words) => words.trim()),
  };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1");
  return rounds;
}

/** Of requests, of sizes and of jobs. */
const withRounds = (chosen: typeof FULL, rounds: number) => ({
  ...chosen,
  plan: { ...chosen.plan, rounds },
  scaling: { ...chosen.scaling, rounds },
  jobs: { ...chosen.jobs, rounds },
});
