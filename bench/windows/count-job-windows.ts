import { countRun } from "../jobs/count-jobs.ts";
import type { CostRow } from "../jobs/job-results.ts";
import { type JobScenario, QUEUED } from "../jobs/job-scenarios.ts";
import { takeSample } from "../jobs/measure-jobs.ts";
import { costPerMillion } from "../jobs/platform-cost.ts";
import type { Load } from "../load/start-load.ts";
import { startUpstream } from "../processes/start-upstream.ts";
import { startWorker, type WorkerSource } from "../workers/start-worker.ts";
import { pointAt, UPSTREAM } from "./start-window-bed.ts";
import { STEEP } from "./window-cases.ts";

/** Jobs that nobody waits for: their window holds them for up to a second. */
const WINDOWED: JobScenario = {
  ...QUEUED,
  name: "durable window",
  body: JSON.stringify({ task: "embeddings", input: { model: "embed-by-jobs", input: "mill {n}" } }),
};

/** USD for a million jobs of one item each, up to the outcome; the directory's part stands apart. */
const GOAL_USD = 3.5;
const RATES = [20, 100, 400];
const WARM_UP = { scenario: WINDOWED, ratePerSecond: 50, seconds: 1 };

export interface JobWindowSources {
  readonly plain: WorkerSource;
  readonly counted: WorkerSource;
}

/** What a job that shares its call asks of the platform: counted on one build, its CPU time on another. */
export async function countJobWindows(
  { plain, counted }: JobWindowSources,
  load: Load,
  seconds: number,
): Promise<CostRow[]> {
  const rows: CostRow[] = [];
  for (const ratePerSecond of RATES) {
    const run = { scenario: WINDOWED, ratePerSecond, seconds };
    const cpuMs = await measureCpuMs(plain, load, run);
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, counted);
    await countRun(load, server, WARM_UP);
    const { use, directory } = await countRun(load, server, run);
    const own = { ...use, cpuMs };
    const what = WINDOWED.name;
    rows.push(
      { what, ratePerSecond, use: own, costUsd: costPerMillion(own), goalUsd: GOAL_USD },
      {
        what: `the directory's part: ${what}`,
        ratePerSecond,
        use: directory,
        costUsd: costPerMillion(directory),
      },
    );
  }
  return rows;
}

async function measureCpuMs(source: WorkerSource, load: Load, run: typeof WARM_UP): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const server = await startServer(stack, source);
  await takeSample(load, server, WINDOWED, WARM_UP);
  const { cpuMicroseconds } = await takeSample(load, server, WINDOWED, run);
  return cpuMicroseconds / 1000;
}

/** Each run has a Worker of its own: half a minute after its end, every job's alarm looks at it once more. */
async function startServer(stack: AsyncDisposableStack, source: WorkerSource) {
  const upstream = stack.use(await startUpstream(UPSTREAM, STEEP.upstream));
  return stack.use(await startWorker(pointAt(source, upstream.url)));
}
