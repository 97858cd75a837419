/**
 * `npm run bench`: what the gateway costs, as CPU time a request and as ratios to Workers that do less,
 * measured in the same run; how that grows with sizes; and where its time goes. docs/performance.md
 * explains it all.
 *
 *   --quick           takes a third of the time, and writes nothing
 *   --against <tree>  measures another checkout's requests too, in turn with this one's, and nothing else
 *   --only <words>    only the groups whose title holds one of these (`chat,stream`). What is measured whole
 *                     ("cpu", "sizes", "jobs", "windows", "scaling") writes its numbers
 *   --rounds <n>      how often in turn, instead of 9 times (requests) or 5 (sizes and jobs)
 */
import type { JobResults } from "./jobs/job-results.ts";
import { JOBS_TITLE } from "./jobs/job-scenarios.ts";
import { listJobProfiles, runJobs } from "./jobs/run-jobs.ts";
import { type Measurement, measureGroup } from "./measure.ts";
import { measureSizes, type Sizes } from "./measure-sizes.ts";
import { type Options, readOptions } from "./options.ts";
import { listProfiles } from "./profile/list-profiles.ts";
import { profileScenarios, type ScenarioProfile } from "./profile/profile-scenarios.ts";
import { describeMachine } from "./report/machine.ts";
import { type Results, toRow } from "./report/results.ts";
import { writeText } from "./report/tables.ts";
import { replaceParts, writeResults } from "./report/write-results.ts";
import { isScalingMissed, runScaling, SCALING_TITLE, type ScalingResult } from "./scaling/run-scaling.ts";
import type { Group } from "./scenario.ts";
import { GROUPS } from "./scenarios.ts";
import { startBed } from "./start-bed.ts";
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
    scaling: await measureOnlyScaling(options, bed),
    jobs: await measureOnlyJobs(options, bed),
    windows: await measureOnlyWindows(options, bed),
    profiles: await profile(options, bed, measurements),
    ...(isChosen(options, SIZES) ? await measureSizes(options, bed) : NO_SIZES),
  };
  console.log(writeText(results));
  if (options.mode === "full" && options.against === undefined) await write(options, results);
  const hasFailed = measurements.some(({ problem }) => problem?.kind === "failed");
  if (hasFailed || results.scaling?.some(isScalingMissed)) process.exitCode = 1;
}

const NO_SIZES: Sizes = { sizes: [], bundleParts: [], memory: undefined };

/** What was measured whole takes the place of what was written before: some groups alone are not written. */
async function write({ only }: Options, results: Results): Promise<void> {
  const whole = only === undefined ? results : await replaceParts(ROOT, results);
  if (whole) say(`wrote ${(await writeResults(ROOT, whole)).join(" and ")}`);
}

/** What `--only` calls all groups of requests, and sizes, start and memory. */
const [REQUESTS, SIZES] = ["cpu", "sizes, start and memory"] as const;

const isWhole = ({ only, against }: Options) => only === undefined && against === undefined;
const isNamed = ({ only }: Options, title: string) => only?.some((words) => title.includes(words)) ?? false;
/** Whether a part is measured that another tree has no share in. */
const isChosen = (options: Options, title: string) => isWhole(options) || isNamed(options, title);

async function measureGroups(options: Options, bed: Bed): Promise<Measurement[]> {
  const { plan, only, against } = options;
  const measurements: Measurement[] = [];
  const isAll = only === undefined || only.includes(REQUESTS);
  for (const group of GROUPS.filter(({ title }) => isAll || isNamed(options, title))) {
    say(group.title);
    measurements.push(...(await measureGroup(against === undefined ? group : withOther(group), bed, plan)));
  }
  return measurements;
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

async function measureOnlyScaling(options: Options, bed: Bed): Promise<ScalingResult[] | undefined> {
  if (!isChosen(options, SCALING_TITLE)) return undefined;
  say(SCALING_TITLE);
  return runScaling(bed, options.scaling);
}

async function measureOnlyJobs(options: Options, bed: Bed): Promise<JobResults | undefined> {
  if (!isChosen(options, JOBS_TITLE)) return undefined;
  say(JOBS_TITLE);
  return runJobs(bed, options.jobs);
}

async function measureOnlyWindows(options: Options, bed: Bed): Promise<WindowResults | undefined> {
  if (!isChosen(options, WINDOWS_TITLE)) return undefined;
  say(WINDOWS_TITLE);
  return runWindows(bed, options.windows);
}

/** Where the time goes in what was measured. */
async function profile(
  options: Options,
  bed: Bed,
  measurements: readonly Measurement[],
): Promise<ScenarioProfile[]> {
  if (options.against !== undefined) return [];
  say("profiling where the time goes");
  const seconds = Math.ceil(options.profileSeconds);
  const runs = listProfiles(measurements, bed, options.profileSeconds);
  const jobs = isChosen(options, JOBS_TITLE) ? listJobProfiles(bed.load, seconds) : [];
  const profiles = await profileScenarios(bed.gateway, [...runs, ...jobs]);
  return isChosen(options, WINDOWS_TITLE) ? [...profiles, await profileWindows(bed, seconds)] : profiles;
}

/** A run that hangs ends, and with it all that it has started. */
const LONGEST_MS = 45 * 60_000;
const giveUp = (): never => {
  say("given up: nothing takes this long");
  return process.exit(1);
};
setTimeout(giveUp, LONGEST_MS).unref();

await main(readOptions());
