import { timesOf } from "../jobs/measure-jobs.ts";
import { median } from "../report/median.ts";
import { offerUndisturbed, type Outcome, type WindowBed } from "./offer-load.ts";
import { IMPATIENT, STEEP } from "./window-cases.ts";
import type { WindowGoal, WindowLoad } from "./window-results.ts";

export interface LoadPlan {
  readonly rounds: number;
  readonly seconds: number;
}

interface Offered {
  readonly name: string;
  readonly route: string;
  readonly ratePerSecond: number;
}

const ALONE: Offered = { name: "one call each", route: STEEP.alone, ratePerSecond: 20 };
const LONELY: Offered = { name: "window", route: STEEP.windowed, ratePerSecond: 20 };
const OFFERED = [ALONE, LONELY, { ...LONELY, ratePerSecond: 100 }, { ...LONELY, ratePerSecond: 400 }];

/** What a window may add to the median of requests that hardly ever meet another. */
const LONELY_GOAL = 1.3;

/** Load after load in turn, round after round, all on one deployment. */
export async function measureLoads(
  bed: WindowBed,
  { rounds, seconds }: LoadPlan,
): Promise<{ readonly loads: readonly WindowLoad[]; readonly lonely: WindowGoal }> {
  const samples = new Map<Offered, Outcome[]>(OFFERED.map((offered) => [offered, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [{ route, ratePerSecond }, outcomes] of samples) {
      const requests = Math.round(ratePerSecond * (ratePerSecond < 100 ? 2 * seconds : seconds));
      outcomes.push(await offerUndisturbed(bed, { route, ratePerSecond, requests, headers: IMPATIENT }));
    }
  }
  const medians = (offered: Offered) =>
    (samples.get(offered) ?? []).map(({ latencies }) => median(latencies));
  const base = medians(ALONE);
  const ratios = medians(LONELY).map((ms, round) => ms / (base[round] ?? Number.NaN));
  return {
    loads: [...samples].map(([offered, outcomes]) => summarise(offered, outcomes)),
    lonely: {
      upstream: STEEP.name,
      what: "the window's median at 20 a second, of one call each",
      value: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      unit: "×",
      atMost: LONELY_GOAL,
    },
  };
}

function summarise({ name, ratePerSecond }: Offered, outcomes: readonly Outcome[]): WindowLoad {
  const middle = (read: (outcome: Outcome) => number) => median(outcomes.map(read));
  return {
    name,
    ratePerSecond,
    times: {
      p50: middle(({ latencies }) => timesOf(latencies).p50),
      p99: middle(({ latencies }) => timesOf(latencies).p99),
    },
    inTimeShare: middle(({ inTimeShare }) => inTimeShare),
    callsPer1000: middle(({ calls, items }) => (1000 * calls) / items),
    itemsPerCall: middle(({ calls, items }) => items / calls),
    cpuMicroseconds: middle(({ cpuMicroseconds }) => cpuMicroseconds),
    worstDelayMs: Math.max(...outcomes.map(({ worstDelayMs }) => worstDelayMs)),
  };
}
