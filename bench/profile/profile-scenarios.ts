import { join } from "node:path";
import { readCpuMicroseconds } from "../processes/process-use.ts";
import type { Server } from "../processes/start-upstream.ts";
import type { GatewaySource } from "../workers/build-workers.ts";
import { startWorker } from "../workers/start-worker.ts";
import { type CpuProfile, loadLocate, type OwnTime, sumOwnTimes } from "./cpu-profile.ts";
import { type Inspector, openInspector } from "./inspector.ts";
import { type StageTime, sumByStage } from "./stages.ts";

export interface ScenarioProfile {
  readonly name: string;
  /** Under the profiler, which costs something itself. */
  readonly cpuMicroseconds: number;
  readonly stages: readonly StageTime[];
  /** The functions that take most: their share of the busy time. */
  readonly functions: readonly { readonly name: string; readonly share: number }[];
}

export interface ProfileRun {
  readonly name: string;
  readonly requests: number;
  /** Makes that many requests, and ends when all that they ask for has been done. */
  readonly drive: (server: Server) => Promise<unknown>;
}

const SAMPLE_EVERY_MICROSECONDS = 200;
const TOP_FUNCTIONS = 12;

/** Says where the time of some scenarios goes: V8's sampling profiler, while the Worker is under load. */
export async function profileScenarios(
  source: GatewaySource,
  runs: readonly ProfileRun[],
): Promise<ScenarioProfile[]> {
  await using worker = await startWorker({ ...source, inspected: true });
  const locate = await loadLocate(join(source.code.directory, "index.js.map"));
  const profiles: ScenarioProfile[] = [];
  for (const { name, requests, drive } of runs) {
    await drive(worker);
    await using inspector = await openInspector(worker.inspectorUrl ?? "", source.name);
    const before = readCpuMicroseconds(worker.pid);
    const profile = await record(inspector, () => drive(worker));
    const cpuMicroseconds = (readCpuMicroseconds(worker.pid) - before) / requests;
    const times = sumOwnTimes(profile, locate);
    profiles.push({ name, cpuMicroseconds, stages: sumByStage(times), functions: listTop(times) });
  }
  return profiles;
}

async function record(inspector: Inspector, work: () => Promise<unknown>): Promise<CpuProfile> {
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_MICROSECONDS });
  await inspector.send("Profiler.start");
  await work();
  const { profile } = (await inspector.send("Profiler.stop")) as { readonly profile: CpuProfile };
  return profile;
}

function listTop(times: readonly OwnTime[]): ScenarioProfile["functions"] {
  const total = times.reduce((sum, { microseconds }) => sum + microseconds, 0);
  return times.slice(0, TOP_FUNCTIONS).map(({ file, functionName, microseconds }) => ({
    name: file === functionName ? file : `${file} ${functionName}`,
    share: microseconds / total,
  }));
}
