import { join } from "node:path";
import type { Load } from "../load/start-load.ts";
import { readCpuMicroseconds } from "../processes/process-use.ts";
import type { Scenario } from "../scenarios.ts";
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
  readonly scenario: Scenario;
  readonly requests: number;
}

const SAMPLE_EVERY_MICROSECONDS = 200;
const TOP_FUNCTIONS = 12;

/** Says where the time of some scenarios goes: V8's sampling profiler, while the Worker is under load. */
export async function profileScenarios(
  source: GatewaySource,
  load: Load,
  runs: readonly ProfileRun[],
): Promise<ScenarioProfile[]> {
  await using worker = await startWorker({ ...source, inspected: true });
  const locate = await loadLocate(join(source.code.directory, "index.js.map"));
  const profiles: ScenarioProfile[] = [];
  for (const { scenario, requests } of runs) {
    const { name, path, headers, body, connections } = scenario;
    const order = { url: worker.url + path, headers, body, from: 0, connections, requests };
    await load.run(order);
    await using inspector = await openInspector(worker.inspectorUrl ?? "", source.name);
    const before = readCpuMicroseconds(worker.pid);
    const profile = await record(inspector, () => load.run({ ...order, from: requests }));
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
