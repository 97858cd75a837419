import type { Load } from "../load/start-load.ts";
import type { Bed } from "../bed.ts";
import type { Server } from "../processes/start-upstream.ts";
import { median } from "../report/median.ts";
import { percentile } from "../report/percentile.ts";
import { buildBaseline } from "../workers/build-workers.ts";
import { startWorker, type WorkerSource } from "../workers/start-worker.ts";
import { INLINE, type JobScenario, QUEUED, WRITE_AND_SEND } from "./job-scenarios.ts";
import { readDurations } from "./read-outcomes.ts";
import { type ArrivalsRun, QUIET_MS, runArrivals } from "./run-arrivals.ts";

export interface JobPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly ratesPerSecond: readonly number[];
}

/** Of all rounds together, in milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

export interface JobTiming {
  readonly name: string;
  readonly ratePerSecond: number;
  readonly jobs: number;
  /** The median of the rounds. */
  readonly cpuMicroseconds: number;
  /** Of the baseline at the same rate in the same round; absent for the baseline itself. */
  readonly ratio?: number;
  readonly spread?: readonly [least: number, most: number];
  /** From when the request was due to its answer. */
  readonly answered: Times;
  /** From when the request was due to the job's outcome; the baseline's message has none. */
  readonly ended?: Times;
  /** By how much the load was late at worst: the numbers above include it. */
  readonly worstDelayMs: number;
}

interface Sample {
  readonly cpuMicroseconds: number;
  readonly answered: readonly number[];
  readonly ended: readonly number[];
  readonly worstDelayMs: number;
}

export type JobBed = Pick<Bed, "load" | "upstreamUrl" | "say"> & { readonly gateway: WorkerSource };

const SCENARIOS = [WRITE_AND_SEND, QUEUED, INLINE];

/** Enough for V8 to have compiled what it will. */
const WARM_UP = { ratePerSecond: 200, seconds: 1.5 };

/** Rate by rate, the baseline and both kinds of jobs in turn, round after round. */
export async function measureJobs(bed: JobBed, plan: JobPlan): Promise<JobTiming[]> {
  const baseline = await buildBaseline("write-and-send", bed.upstreamUrl);
  const timings: JobTiming[] = [];
  for (const ratePerSecond of plan.ratesPerSecond) {
    const rounds: ReadonlyMap<JobScenario, Sample>[] = [];
    for (let round = 1; round <= plan.rounds; round++) {
      const samples = await runRound(bed, baseline, { ratePerSecond, seconds: plan.seconds });
      rounds.push(samples);
      bed.say(`  ${ratePerSecond} a second, round ${round} of ${plan.rounds}: ${write(samples)}`);
    }
    timings.push(...SCENARIOS.map((scenario) => summarise(scenario, ratePerSecond, rounds)));
  }
  return timings;
}

type Offered = Pick<ArrivalsRun, "ratePerSecond"> & { readonly seconds: number };

/** A round has Workers of its own: half a minute after its end, every job's alarm looks at it once more. */
async function runRound(
  { load, gateway }: JobBed,
  baseline: WorkerSource,
  offered: Offered,
): Promise<ReadonlyMap<JobScenario, Sample>> {
  await using ours = await startWorker(gateway);
  await using theirs = await startWorker(baseline);
  const servers = { headrace: ours, "write-and-send": theirs };
  for (const scenario of SCENARIOS) await takeSample(load, servers[scenario.subject], scenario, WARM_UP);
  const samples = new Map<JobScenario, Sample>();
  for (const scenario of SCENARIOS) {
    samples.set(scenario, await takeSample(load, servers[scenario.subject], scenario, offered));
  }
  return samples;
}

export async function takeSample(
  load: Load,
  server: Server,
  scenario: JobScenario,
  { ratePerSecond, seconds, quietMs = QUIET_MS }: Offered & { readonly quietMs?: number },
): Promise<Sample> {
  const requests = Math.round(ratePerSecond * seconds);
  const run = await runArrivals(load, { scenario, server, ratePerSecond, requests, quietMs });
  return {
    cpuMicroseconds: run.cpuMicroseconds,
    answered: run.arrivals.map(({ dueAt, answeredAt }) => answeredAt - dueAt),
    ended: await readDurations(server.url, scenario, run.arrivals),
    worstDelayMs: run.worstDelayMs,
  };
}

function summarise(
  scenario: JobScenario,
  ratePerSecond: number,
  rounds: readonly ReadonlyMap<JobScenario, Sample>[],
): JobTiming {
  const samples = rounds.flatMap((round) => round.get(scenario) ?? []);
  const ratios = rounds.flatMap((round) => {
    const [own, base] = [round.get(scenario), round.get(WRITE_AND_SEND)];
    return own && base && scenario !== WRITE_AND_SEND ? [own.cpuMicroseconds / base.cpuMicroseconds] : [];
  });
  return {
    name: scenario.name,
    ratePerSecond,
    jobs: samples.reduce((sum, { ended }) => sum + ended.length, 0),
    cpuMicroseconds: median(samples.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    ...(ratios.length > 0
      ? { ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] as const }
      : {}),
    answered: timesOf(samples.flatMap(({ answered }) => answered)),
    ...(scenario === WRITE_AND_SEND ? {} : { ended: timesOf(samples.flatMap(({ ended }) => ended)) }),
    worstDelayMs: Math.max(...samples.map(({ worstDelayMs }) => worstDelayMs)),
  };
}

export const timesOf = (durations: readonly number[]): Times => ({
  p50: percentile(durations, 0.5),
  p99: percentile(durations, 0.99),
});

const write = (samples: ReadonlyMap<JobScenario, Sample>) =>
  [...samples.values()].map(({ cpuMicroseconds }) => Math.round(cpuMicroseconds)).join(", ") + " µs";
