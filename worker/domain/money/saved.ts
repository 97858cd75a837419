import { computeCost } from "./cost.ts";
import type { Priced } from "./priced.ts";
import { knownCost, type Settlement } from "./settle.ts";

/**
 * How much less an answer cost than the same tokens would have at another target, in USD; less than nothing where
 * it cost more. Undefined where the one or the other is not known.
 */
export function computeSaved(settlement: Settlement, other: Priced | undefined): number | undefined {
  const costUsd = knownCost(settlement);
  const otherUsd = other && computeCost(settlement.usage, other);
  return costUsd === undefined || otherUsd === undefined ? undefined : otherUsd - costUsd;
}
