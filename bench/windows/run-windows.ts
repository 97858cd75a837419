import type { JobBed } from "../jobs/measure-jobs.ts";
import { buildGateway, ROOT } from "../workers/build-workers.ts";
import { countJobWindows } from "./count-job-windows.ts";
import { countWindows } from "./count-windows.ts";
import { findHeld, type HeldPlan } from "./find-held.ts";
import { type LoadPlan, measureLoads } from "./measure-loads.ts";
import { measureThroughput, type ThroughputPlan } from "./measure-throughput.ts";
import { startWindowBed } from "./start-window-bed.ts";
import { MODEL, STEEP, TRITON } from "./window-cases.ts";
import type { WindowGoal, WindowLoad, WindowResults } from "./window-results.ts";

export interface WindowPlan {
  readonly loads: LoadPlan;
  readonly held: HeldPlan;
  readonly throughput: ThroughputPlan;
  readonly countSeconds: number;
}

/** Requests a second that the window is to hold. */
const HELD_GOAL = 400;

/** All that is measured of windows in which requests wait for each other. */
export async function runWindows(bed: JobBed, plan: WindowPlan): Promise<WindowResults> {
  const { load, gateway, say } = bed;
  const steep = await measureSteep(bed, plan);
  const goals = [...steep.goals];
  for (const each of [TRITON, MODEL]) {
    say(`  ${each.name}`);
    await using stack = new AsyncDisposableStack();
    const own = await startWindowBed(stack, load, gateway, each);
    goals.push(...(await measureThroughput(own, each, plan.throughput)));
  }
  say("  counting what they ask of the platform");
  const counted = await buildGateway(ROOT, bed.upstreamUrl, "bench-counted");
  const costs = [
    ...(await countWindows(counted, load, plan.countSeconds, steep.loads)),
    ...(await countJobWindows({ plain: gateway, counted }, load, plan.countSeconds)),
  ];
  return { date: new Date().toISOString(), goals, loads: steep.loads, costs };
}

async function measureSteep(
  { load, gateway, say }: JobBed,
  plan: WindowPlan,
): Promise<{ readonly goals: readonly WindowGoal[]; readonly loads: readonly WindowLoad[] }> {
  say(`  ${STEEP.name}`);
  await using stack = new AsyncDisposableStack();
  const bed = await startWindowBed(stack, load, gateway, STEEP);
  const { loads, lonely } = await measureLoads(bed, plan.loads);
  const throughput = await measureThroughput(bed, STEEP, plan.throughput);
  say("  the most that is held");
  const alone = await findHeld(bed, { route: STEEP.alone, between: [20, 48] }, plan.held);
  const window = await findHeld(bed, { route: STEEP.windowed, between: [200, 800] }, plan.held);
  const upstream = STEEP.name;
  const goals: WindowGoal[] = [
    ...throughput,
    { upstream, what: "one call each holds", value: alone, unit: "/s" },
    { upstream, what: "the window holds", value: window, unit: "/s", atLeast: HELD_GOAL },
    lonely,
  ];
  return { goals, loads };
}
