import type { Bed, Plan } from "../bed.ts";
import { type Measurement, measureGroup } from "../measure.ts";
import type { GatewaySource } from "../workers/build-workers.ts";
import { type Growth, judgeGrowth, type Point } from "./judge-growth.ts";
import { type Series, SERIES } from "./series.ts";
import { startScaled } from "./start-scaled.ts";

export const SCALING_TITLE = "scaling, by size";

/** What a series costs at each size, and how that grows. */
export interface ScalingResult extends Pick<Series, "title" | "unit" | "expected"> {
  readonly points: readonly Point[];
  readonly growth: Growth;
  /** Why sizes are missing. */
  readonly problem?: string;
}

/** Measures each series at its sizes in turn, round after round. */
export async function runScaling(
  bed: Bed & { readonly gateway: GatewaySource },
  plan: Plan,
): Promise<ScalingResult[]> {
  await using stack = new AsyncDisposableStack();
  const servers = new Map([...bed.servers, ...(await startScaled(stack, bed))]);
  const results: ScalingResult[] = [];
  for (const each of SERIES) {
    const { title, points } = each;
    bed.say(`  ${title}`);
    const group = { title, scenarios: points.map(({ scenario }) => scenario) };
    results.push(summarise(each, await measureGroup(group, { ...bed, servers }, plan)));
  }
  return results;
}

function summarise(
  { title, unit, expected, points }: Series,
  measured: readonly Measurement[],
): ScalingResult {
  const costs = points.flatMap(({ size, scenario }) => {
    const found = measured.find((each) => each.scenario === scenario && each.problem === undefined);
    return found ? [{ size, cpuMicroseconds: found.cpuMicroseconds }] : [];
  });
  const problem = measured.find((each) => each.problem)?.problem?.reason;
  const growth = judgeGrowth(costs, expected);
  return { title, unit, expected, points: costs, growth, ...(problem === undefined ? {} : { problem }) };
}

/** Whether something grows more than it may, or could not be measured. */
export const isScalingMissed = ({ growth, problem }: ScalingResult): boolean =>
  growth.verdict !== "met" || problem !== undefined;
