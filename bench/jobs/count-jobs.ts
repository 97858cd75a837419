import { setTimeout as wait } from "node:timers/promises";
import type { Tally } from "../deployment/counted/tally.ts";
import type { Load } from "../load/start-load.ts";
import type { Server } from "../processes/start-upstream.ts";
import { type WorkerSource, startWorker } from "../workers/start-worker.ts";
import {
  FORGOTTEN_SOON,
  INLINE,
  type JobScenario,
  QUEUED,
  SHORTEST_RETENTION_SECONDS,
  SLOW,
} from "./job-scenarios.ts";
import { type PlatformUse, shareUse } from "./platform-cost.ts";
import { describeUse } from "./platform-use.ts";
import { QUIET_MS, runArrivals, waitUntilQuiet } from "./run-arrivals.ts";

export interface CountPlan {
  readonly seconds: number;
  readonly ratesPerSecond: readonly number[];
  /** A run that waits until jobs are forgotten takes a minute more. */
  readonly untilForgotten: boolean;
}

/** Of one job, the mean of a run. */
export interface JobUse {
  readonly name: string;
  /** The jobs that run through the same code, and are measured. */
  readonly timedAs: string;
  readonly ratePerSecond: number;
  readonly jobs: number;
  readonly use: PlatformUse;
  readonly directory: PlatformUse;
}

export interface CountedJobs {
  readonly uses: readonly JobUse[];
  /** Of one queued job after its end, until it is forgotten; absent where nobody waited for that. */
  readonly afterwards?: Pick<JobUse, "use" | "directory">;
}

export interface CountedRun {
  readonly scenario: JobScenario;
  readonly ratePerSecond: number;
  readonly seconds: number;
}

/** So rarely that hardly any job meets another. */
const ALONE: CountedRun = { scenario: FORGOTTEN_SOON, ratePerSecond: 4, seconds: 5 };
/** Few: the simulated queue delivers one message after the other, and each takes seconds. */
const FEW_SLOW: CountedRun = { scenario: SLOW, ratePerSecond: 100, seconds: 0.25 };
/** What an isolate does once is no job's. */
const FIRST: CountedRun = { scenario: INLINE, ratePerSecond: 10, seconds: 0.5 };

const LOOK_EVERY_MS = 200;
const LONGEST_MS = 60_000;

/**
 * Counts what jobs ask of the platform, on a deployment whose every binding counts; takes no times. Each
 * run has a Worker of its own: half a minute after its end, every job's alarm looks at it once more.
 */
export async function countJobs(source: WorkerSource, load: Load, plan: CountPlan): Promise<CountedJobs> {
  const { ratesPerSecond, seconds } = plan;
  const atRates = (scenario: JobScenario) =>
    ratesPerSecond.map((ratePerSecond) => ({ scenario, ratePerSecond, seconds }));
  const uses: JobUse[] = [];
  for (const run of [ALONE, ...atRates(FORGOTTEN_SOON), FEW_SLOW, ...atRates(INLINE)]) {
    await using server = await startCounted(source, load);
    uses.push(await countRun(load, server, run));
  }
  return plan.untilForgotten ? { uses, afterwards: await countAfterwards(source, load) } : { uses };
}

async function startCounted(source: WorkerSource, load: Load): Promise<Server> {
  const server = await startWorker(source);
  await countRun(load, server, FIRST);
  return server;
}

/** Runs jobs to their outcomes, and gives what one took of the platform. */
export async function countRun(load: Load, server: Server, run: CountedRun): Promise<JobUse> {
  const { scenario, ratePerSecond, seconds } = run;
  const jobs = Math.round(ratePerSecond * seconds);
  const before = await readTally(server);
  await runArrivals(load, { scenario, server, ratePerSecond, requests: jobs, quietMs: QUIET_MS });
  await waitForTally(server, (tally) => tally.outcomes - before.outcomes === jobs, LONGEST_MS);
  await waitUntilQuiet(server.pid, QUIET_MS);
  const counted = describeUse(before, await readTally(server));
  return {
    name: scenario.name,
    timedAs: (scenario.queued ? QUEUED : INLINE).name,
    ratePerSecond,
    jobs,
    use: shareUse(counted.jobs, jobs),
    directory: shareUse(counted.directories, jobs),
  };
}

/** From the outcome on, so what is stored with the outcome for later is in it. */
async function countAfterwards(source: WorkerSource, load: Load): Promise<Pick<JobUse, "use" | "directory">> {
  await using server = await startWorker(source);
  const started = await readTally(server);
  const { jobs } = await countRun(load, server, { ...ALONE, ratePerSecond: 100, seconds: 2 });
  const ended = await readTally(server);
  const forgotten = await waitForTally(
    server,
    (tally) => tally.forgotten === jobs,
    SHORTEST_RETENTION_SECONDS * 1000 + LONGEST_MS,
  );
  const { afterwards } = describeUse(started, forgotten);
  const { directories } = describeUse(ended, forgotten);
  return { use: shareUse(afterwards, jobs), directory: shareUse(directories, jobs) };
}

async function waitForTally(
  server: Server,
  isDone: (tally: Tally) => boolean,
  longestMs: number,
): Promise<Tally> {
  const giveUpAt = performance.now() + longestMs;
  for (;;) {
    const tally = await readTally(server);
    if (isDone(tally)) return tally;
    if (performance.now() > giveUpAt) throw new Error(`counted something else: ${JSON.stringify(tally)}`);
    await wait(LOOK_EVERY_MS);
  }
}

const readTally = async (server: Server): Promise<Tally> =>
  (await (await fetch(`${server.url}/bench/tally`)).json()) as Tally;
