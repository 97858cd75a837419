import { median } from "../report/median.ts";
import { offerLoad, type WindowBed } from "./offer-load.ts";
import type { WindowCase } from "./window-cases.ts";
import type { WindowGoal } from "./window-results.ts";

export interface ThroughputPlan {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * How many requests are answered a second where more come than can be, one call each and in batches, in
 * turn. Callers are patient here: nobody is refused, and the device is never idle for want of work.
 */
export async function measureThroughput(
  bed: WindowBed,
  { name, alone, windowed, overload, ratioGoal }: WindowCase,
  { rounds, seconds }: ThroughputPlan,
): Promise<readonly WindowGoal[]> {
  const offer = async (route: string, ratePerSecond: number) => {
    const requests = Math.round(ratePerSecond * seconds);
    const { answersPerSecond, failures } = await offerLoad(bed, { route, ratePerSecond, requests });
    if (failures > 0) throw new Error(`${failures} patient requests failed`);
    return answersPerSecond;
  };
  const singly: number[] = [];
  const together: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    singly.push(await offer(alone, overload.alone));
    together.push(await offer(windowed, overload.windowed));
  }
  const ratios = together.map((rate, round) => rate / (singly[round] ?? Number.NaN));
  const goal = ratioGoal === undefined ? {} : { atLeast: ratioGoal };
  return [
    { upstream: name, what: "one call each answers at most", ...summarise(singly), unit: "/s" },
    { upstream: name, what: "the window answers at most", ...summarise(together), unit: "/s" },
    { upstream: name, what: "times as many", ...summarise(ratios), unit: "×", ...goal },
  ];
}

const summarise = (values: readonly number[]): Pick<WindowGoal, "value" | "spread"> => ({
  value: median(values),
  spread: [Math.min(...values), Math.max(...values)],
});
