/**
 * `npm run bench`: what the gateway costs, as CPU time a request and as ratios to Workers that do less,
 * measured in the same run; its sizes; and where its time goes. docs/performance.md explains it all.
 *
 *   --quick           takes four minutes, and writes nothing
 *   --against <tree>  measures another checkout too, in turn with this one
 *   --only <words>    only the groups whose title holds these words; "jobs" and "windows" write their numbers
 */
import { DATA_PACKAGES, measureBundle } from "./bundle-size.ts";
import type { JobResults } from "./jobs/job-results.ts";
import { JOBS_TITLE } from "./jobs/job-scenarios.ts";
import { listJobProfiles, runJobs } from "./jobs/run-jobs.ts";
import { type Measurement, measureGroup } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { type Options, readOptions } from "./options.ts";
import { type ProfileRun, profileScenarios } from "./profile/profile-scenarios.ts";
import { describeMachine } from "./report/machine.ts";
import { type GoalRow, type Results, toRow } from "./report/results.ts";
import { writeText } from "./report/tables.ts";
import { replaceParts, writeResults } from "./report/write-results.ts";
import { GROUPS, type Group } from "./scenarios.ts";
import { startBed } from "./start-bed.ts";
import { measureStartup } from "./startup.ts";
import { profileWindows } from "./windows/profile-windows.ts";
import { runWindows } from "./windows/run-windows.ts";
import { WINDOWS_TITLE } from "./windows/window-cases.ts";
import type { WindowResults } from "./windows/window-results.ts";
import { ROOT } from "./workers/build-workers.ts";

const startedAt = performance.now();
const say = (line: string) =>
  console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);

type Bed = Awaited<ReturnType<typeof startBed>>;

async function main(options: Options): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const bed = await startBed(options, stack, say);
  const measurements = await measureGroups(options, bed);
  const results: Results = {
    date: new Date().toISOString(),
    mode: options.mode,
    machine: describeMachine(ROOT),
    measurements: measurements.map(toRow),
    jobs: await measureOnlyJobs(options, bed),
    windows: await measureOnlyWindows(options, bed),
    ...(await measureRest(options, bed, measurements)),
  };
  console.log(writeText(results));
  if (options.mode === "full" && options.against === undefined) await write(options, results);
  if (measurements.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}

/** A run of all, or of the jobs or the windows alone; of another part nothing is written. */
async function write({ only }: Options, results: Results): Promise<void> {
  if (only !== undefined && !results.jobs && !results.windows) return;
  const whole = only === undefined ? results : await replaceParts(ROOT, results);
  say(`wrote ${(await writeResults(ROOT, whole)).join(" and ")}`);
}

async function measureGroups({ plan, only, against }: Options, bed: Bed): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const group of GROUPS.filter(({ title }) => title.includes(only ?? ""))) {
    say(group.title);
    measurements.push(...(await measureGroup(against === undefined ? group : withOther(group), bed, plan)));
  }
  return measurements;
}

const isAboutJobs = (only: string | undefined) => JOBS_TITLE.includes(only ?? "");

async function measureOnlyJobs({ only, jobs }: Options, bed: Bed): Promise<JobResults | undefined> {
  if (!isAboutJobs(only)) return undefined;
  say(JOBS_TITLE);
  return runJobs(bed, jobs);
}

const isAboutWindows = (only: string | undefined) => WINDOWS_TITLE.includes(only ?? "");

async function measureOnlyWindows({ only, windows }: Options, bed: Bed): Promise<WindowResults | undefined> {
  if (!isAboutWindows(only)) return undefined;
  say(WINDOWS_TITLE);
  return runWindows(bed, windows);
}

/** Each scenario of this tree twice, the second time answered by the other tree. */
const withOther = (group: Group): Group => ({
  ...group,
  scenarios: group.scenarios.flatMap((one) =>
    one.subject === "headrace"
      ? [one, { ...one, subject: "against", name: `${one.name}, other tree` }]
      : [one],
  ),
});

type Rest = Pick<Results, "sizes" | "bundleParts" | "memory" | "profiles">;

const NOTHING_ELSE: Rest = { sizes: [], bundleParts: [], memory: undefined, profiles: [] };

async function measureRest(options: Options, bed: Bed, measurements: readonly Measurement[]): Promise<Rest> {
  say("profiling where the time goes");
  const profiles = await profileMeasured(options, bed, measurements);
  if (options.only !== undefined) return { ...NOTHING_ELSE, profiles };
  say(`filling an isolate's memory with ${options.memoryKeys.toLocaleString("en-US")} cache keys`);
  const memory = await measureMemory(bed.gateway, bed.load, options.memoryKeys);
  say("building bundles, and starting the product's Worker");
  const code = await measureBundle("worker/index.ts", DATA_PACKAGES);
  const sdk = await measureBundle("sdk/index.ts");
  const megabyte = 1024 * 1024;
  const sizes: GoalRow[] = [
    { what: "Worker's code, minified and gzipped", value: code.gzipBytes / 1024, goal: 120, unit: "KB" },
    { what: "SDK, minified and gzipped", value: sdk.gzipBytes / 1024, goal: 5, unit: "KB" },
    { what: "CPU of a start", value: await measureStartup(options.startupRuns), goal: 30, unit: "ms" },
    {
      what: `memory tier after ${memory.keys.toLocaleString("en-US")} keys, ${memory.kept.toLocaleString("en-US")} kept`,
      value: memory.keptBytes / megabyte,
      goal: memory.boundBytes / megabyte,
      unit: "MB",
    },
    { what: "V8's heap and buffers after that", value: memory.heldAfter / megabyte, unit: "MB" },
    { what: "workerd's RAM before", value: memory.before / megabyte, unit: "MB" },
    {
      what: "workerd's RAM after, with what V8 has not collected",
      value: memory.after / megabyte,
      unit: "MB",
    },
  ];
  return { sizes, bundleParts: code.parts, memory, profiles };
}

/** Profiles what could be measured of the gateway, for about as long as asked. */
async function profileMeasured(options: Options, bed: Bed, measurements: readonly Measurement[]) {
  const measured = measurements.filter(
    ({ scenario, problem, group }) =>
      scenario.subject === "headrace" && problem === undefined && !group.includes("at a time"),
  );
  const { profileSeconds: seconds, only } = options;
  const runs = measured.map((measurement) => profileOf(measurement, bed, seconds));
  const jobs = isAboutJobs(only) ? listJobProfiles(bed.load, Math.ceil(seconds)) : [];
  const profiles = await profileScenarios(bed.gateway, [...runs, ...jobs]);
  return isAboutWindows(only) ? [...profiles, await profileWindows(bed, Math.ceil(seconds))] : profiles;
}

function profileOf({ scenario, rate }: Measurement, { load }: Bed, seconds: number): ProfileRun {
  const { name, path, headers, body, connections } = scenario;
  const requests = Math.ceil((rate * seconds) / connections) * connections;
  let from = 0;
  return {
    name,
    requests,
    drive({ url }) {
      const order = { url: url + path, headers, body, from, connections, requests };
      from += requests;
      return load.run(order);
    },
  };
}

/** A run that hangs ends, and with it all that it has started. */
const LONGEST_MS = 30 * 60_000;
const giveUp = (): never => {
  say("given up: nothing takes this long");
  return process.exit(1);
};
setTimeout(giveUp, LONGEST_MS).unref();

await main(readOptions());
