import { setTimeout as wait } from "node:timers/promises";
import type { Arrival, ArrivalsReport } from "../load/protocol.ts";
import type { Load } from "../load/start-load.ts";
import { readCpuMicroseconds } from "../processes/process-use.ts";
import type { Server } from "../processes/start-upstream.ts";
import type { JobScenario } from "./job-scenarios.ts";

export interface ArrivalsRun {
  readonly scenario: JobScenario;
  readonly server: Server;
  readonly ratePerSecond: number;
  readonly requests: number;
  /** How long the server does nothing before it is taken to have done everything. */
  readonly quietMs: number;
}

/** What came of one run, all of whose jobs have ended. */
export interface ArrivalsSample {
  /** Of the process that does the work, for one job, from the first request to the last outcome. */
  readonly cpuMicroseconds: number;
  readonly arrivals: readonly Arrival[];
  readonly worstDelayMs: number;
}

/** Longer than anything gathers in an isolate before it is told. */
export const QUIET_MS = 1200;
const LOOK_EVERY_MS = 100;
const AT_REST_MICROSECONDS = 10_000;
const LONGEST_MS = 60_000;

/** Keys are of one use: numbers go on over the whole run. */
let nextNumber = 0;

/** Sends the requests as they come, then waits until nothing is left to be done; nothing looks meanwhile. */
export async function runArrivals(load: Load, run: ArrivalsRun): Promise<ArrivalsSample> {
  const { pid } = run.server;
  const before = readCpuMicroseconds(pid);
  const { arrivals, worstDelayMs } = await sendJobs(load, run);
  await waitUntilQuiet(pid, run.quietMs);
  const used = readCpuMicroseconds(pid) - before;
  return { cpuMicroseconds: used / run.requests, arrivals, worstDelayMs };
}

/** Sends the requests as they come, and waits for their answers, not for the jobs. */
export async function sendJobs(load: Load, run: Omit<ArrivalsRun, "quietMs">): Promise<ArrivalsReport> {
  const { server, ratePerSecond, requests } = run;
  const { path, headers, body } = run.scenario;
  const from = nextNumber;
  nextNumber += requests;
  const url = server.url + path;
  const report = await load.arrive({ url, headers, body, from, ratePerSecond, requests });
  const failed = report.arrivals.filter(({ status }) => status < 200 || status > 299);
  if (failed.length > 0) throw new Error(`${failed.length} failed, as with status ${failed[0]?.status}`);
  return report;
}

/** A process that does next to nothing still uses some milliseconds now and then. */
export async function waitUntilQuiet(pid: number, quietMs: number): Promise<void> {
  const giveUpAt = performance.now() + LONGEST_MS;
  let [lastUse, quietSince] = [readCpuMicroseconds(pid), performance.now()];
  while (performance.now() - quietSince < quietMs) {
    if (performance.now() > giveUpAt) throw new Error("the server does not come to rest");
    await wait(LOOK_EVERY_MS);
    const use = readCpuMicroseconds(pid);
    if (use - lastUse > AT_REST_MICROSECONDS) [lastUse, quietSince] = [use, performance.now()];
  }
}
