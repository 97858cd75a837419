import { median } from "../report/median.ts";
import { offerUndisturbed, type WindowBed } from "./offer-load.ts";
import { HELD_SHARE, IMPATIENT } from "./window-cases.ts";

export interface HeldPlan {
  readonly runs: number;
  readonly seconds: number;
  /** One in a hundred is late only where there are hundreds. */
  readonly fewestRequests: number;
}

export interface Search {
  readonly route: string;
  /** Requests a second that are surely held, and that surely are not. */
  readonly between: readonly [least: number, most: number];
}

/** Rates are told apart down to this factor. */
const STEP = 1.05;

/**
 * The highest rate that is held: at which 99 of 100 requests are answered within the objective, in the
 * median of some runs.
 */
export const findHeld = (bed: WindowBed, { route, between }: Search, plan: HeldPlan): Promise<number> =>
  findHighest(between, (ratePerSecond) => isHeld(bed, { route, ratePerSecond }, plan));

/**
 * The highest whole number at which something holds, to 5 %; what holds is taken to hold below as well.
 * It does at the least of `between`, and does not at the most.
 */
export async function findHighest(
  [least, most]: Search["between"],
  holds: (rate: number) => Promise<boolean>,
): Promise<number> {
  let [held, lost] = [least, most];
  while (lost / held > STEP) {
    const rate = Math.round(Math.sqrt(held * lost));
    if (rate === held || rate === lost) break;
    if (await holds(rate)) held = rate;
    else lost = rate;
  }
  return held;
}

async function isHeld(
  bed: WindowBed,
  { route, ratePerSecond }: { readonly route: string; readonly ratePerSecond: number },
  { runs, seconds, fewestRequests }: HeldPlan,
): Promise<boolean> {
  const requests = Math.max(fewestRequests, Math.round(ratePerSecond * seconds));
  const shares: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { inTimeShare } = await offerUndisturbed(bed, {
      route,
      ratePerSecond,
      requests,
      headers: IMPATIENT,
    });
    shares.push(inTimeShare);
    if (isDecided(shares, runs)) break;
  }
  return median(shares) >= HELD_SHARE;
}

/** Whether most of the runs agree already. */
function isDecided(shares: readonly number[], runs: number): boolean {
  const held = shares.filter((share) => share >= HELD_SHARE).length;
  return Math.max(held, shares.length - held) > runs / 2;
}
