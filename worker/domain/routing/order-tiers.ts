import type { Priority } from "../../contract/priority.ts";
import type { Target } from "./catalog.ts";

/**
 * Which targets work of a priority tries, by their tier: its own first, then the next better ones, for those answer
 * sooner, and cheaper ones last.
 */
const TIERS: Readonly<Record<Priority, readonly Priority[]>> = {
  interactive: ["interactive", "normal", "economy"],
  normal: ["normal", "interactive", "economy"],
  economy: ["economy", "normal", "interactive"],
};

/** Whether targets are of several tiers; of one, every priority has the same order. */
export const hasTiers = (targets: readonly Target[]): boolean =>
  targets.some(({ tier }) => tier !== targets[0]?.tier);

/** Orders targets by their tiers, and those of each tier as they are ordered by themselves. */
export const orderTiers = (
  targets: readonly Target[],
  priority: Priority,
  order: (ofTier: readonly Target[]) => readonly Target[],
): readonly Target[] =>
  TIERS[priority].flatMap((tier) => order(targets.filter((target) => target.tier === tier)));
