import type { Tally } from "../deployment/counted/tally.ts";
import type { CostRow } from "../jobs/job-results.ts";
import { costPerMillion, shareUse } from "../jobs/platform-cost.ts";
import { describeUse } from "../jobs/platform-use.ts";
import type { Load } from "../load/start-load.ts";
import type { Server } from "../processes/start-upstream.ts";
import type { WorkerSource } from "../workers/start-worker.ts";
import { offerLoad } from "./offer-load.ts";
import { startWindowBed } from "./start-window-bed.ts";
import { STEEP } from "./window-cases.ts";
import type { WindowLoad } from "./window-results.ts";

/** USD for a million items of one request each. */
const GOAL_USD = 0.8;
const RATES = [20, 100, 400];

/** What a request that waits in a window asks of the platform, on the build whose every binding counts. */
export async function countWindows(
  source: WorkerSource,
  load: Load,
  seconds: number,
  loads: readonly WindowLoad[],
): Promise<CostRow[]> {
  await using stack = new AsyncDisposableStack();
  const bed = await startWindowBed(stack, load, source, STEEP);
  const rows: CostRow[] = [];
  for (const ratePerSecond of RATES) {
    const requests = Math.round(ratePerSecond * seconds);
    const before = await readTally(bed.worker);
    const { failures } = await offerLoad(bed, { route: STEEP.windowed, ratePerSecond, requests });
    if (failures > 0) throw new Error(`${failures} of ${requests} requests failed`);
    const counted = shareUse(describeUse(before, await readTally(bed.worker)).jobs, requests);
    const use = { ...counted, cpuMs: findCpuMs(loads, ratePerSecond) };
    rows.push({ what: "window", ratePerSecond, use, costUsd: costPerMillion(use), goalUsd: GOAL_USD });
  }
  return rows;
}

const findCpuMs = (loads: readonly WindowLoad[], rate: number): number => {
  const measured = loads.find(({ name, ratePerSecond }) => name === "window" && ratePerSecond === rate);
  return (measured?.cpuMicroseconds ?? Number.NaN) / 1000;
};

const readTally = async ({ url }: Server): Promise<Tally> =>
  (await (await fetch(`${url}/bench/tally`)).json()) as Tally;
