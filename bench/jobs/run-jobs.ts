import { setTimeout as wait } from "node:timers/promises";
import type { Load } from "../load/start-load.ts";
import type { ProfileRun } from "../profile/profile-scenarios.ts";
import { buildGateway, ROOT } from "../workers/build-workers.ts";
import { startWorker } from "../workers/start-worker.ts";
import { type CountPlan, countJobs } from "./count-jobs.ts";
import type { GatheredTiming, JobResults } from "./job-results.ts";
import { INLINE, QUEUED } from "./job-scenarios.ts";
import { listCosts } from "./list-costs.ts";
import { type JobBed, type JobPlan, measureJobs, takeSample, timesOf } from "./measure-jobs.ts";
import { QUIET_MS, sendJobs } from "./run-arrivals.ts";

/**
 * The shortest time that a queue can be told to wait for a fuller batch, but none: the deployment's own
 * queue does not wait, and a goal that is a multiple of its time-out has to be held against one that does.
 */
const BATCH_TIMEOUT_SECONDS = 1;
/** So few that a batch is not full before its time is up. */
const GATHERED_PER_SECOND = 10;
const GATHERED_SECONDS = 10;
const TIMES_THE_TIMEOUT = 1.5;

/** All that is measured of jobs. */
export async function runJobs(
  bed: JobBed,
  plan: JobPlan & { readonly count: CountPlan },
): Promise<JobResults> {
  const source = await buildGateway(ROOT, bed.upstreamUrl, "bench-counted");
  const timings = await measureJobs(bed, plan);
  bed.say(`  a queue that waits ${BATCH_TIMEOUT_SECONDS} s for a fuller batch`);
  const gathered = await measureGathered(bed);
  bed.say("  counting what they ask of the platform");
  const counted = await countJobs(source, bed.load, plan.count);
  return { date: new Date().toISOString(), timings, gathered, costs: listCosts(counted, timings) };
}

async function measureGathered({ load, gateway }: JobBed): Promise<GatheredTiming> {
  await using server = await startWorker({ ...gateway, batchTimeoutSeconds: BATCH_TIMEOUT_SECONDS });
  const { ended } = await takeSample(load, server, QUEUED, {
    ratePerSecond: GATHERED_PER_SECOND,
    seconds: GATHERED_SECONDS,
    quietMs: QUIET_MS + BATCH_TIMEOUT_SECONDS * 1000,
  });
  return {
    ratePerSecond: GATHERED_PER_SECOND,
    batchTimeoutMs: BATCH_TIMEOUT_SECONDS * 1000,
    ended: timesOf(ended),
    goalMs: TIMES_THE_TIMEOUT * BATCH_TIMEOUT_SECONDS * 1000,
  };
}

/** For the profiler, under which no process comes to rest: both kinds of jobs, at a rate without queues. */
export function listJobProfiles(load: Load, seconds: number): ProfileRun[] {
  const ratePerSecond = 100;
  const requests = ratePerSecond * seconds;
  return [QUEUED, INLINE].map((scenario) => ({
    name: scenario.name,
    requests,
    async drive(server) {
      await sendJobs(load, { scenario, server, ratePerSecond, requests });
      await wait(QUIET_MS);
    },
  }));
}
