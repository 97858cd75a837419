import type { HealthView } from "../resilience/health-view.ts";
import type { Target } from "./catalog.ts";
import { orderWeighted } from "./order-weighted.ts";
import { mix } from "./spread.ts";

export interface Race {
  readonly health: Pick<HealthView, "latency">;
  readonly streamed: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the prompt's prefix, where it is to stay where it was; else of a roll. */
  readonly hash: number;
  /** Whether the prompt is to stay where its like was sent. */
  readonly stays: boolean;
}

/** How much less time the other has to take before a request goes there. */
const MARGIN = 0.1;
/** The same for a prompt that may be in its target's cache, where it takes less time than others do. */
const STAYING_MARGIN = 0.3;
/** How many requests go to the slower one, to hear how it is. */
const EXPLORED = 0.01;
/** The same where nothing is known of it. */
const EXPLORED_UNKNOWN = 0.1;

/**
 * Power of two choices (https://doi.org/10.1109/71.963420): draws two targets, and the faster one is first, so that
 * not all isolates run to the same at once. The one that comes first in the config is kept unless the other is
 * clearly faster, and so is the one that a prompt's prefix belongs to. The others follow, faster ones first.
 */
export function orderFastest(targets: readonly Target[], race: Race): readonly Target[] {
  const times = new Map(targets.map((target) => [target, timeOf(target, race)]));
  const [first, second] = draw(targets, race);
  if (!first || !second) return targets;
  const chosen = isBetter(times.get(first), times.get(second), race) ? second : first;
  const others = targets
    .filter((target) => target !== chosen)
    .toSorted((one, other) => (times.get(one) ?? SLOWEST) - (times.get(other) ?? SLOWEST));
  return [chosen, ...others];
}

const SLOWEST = Number.MAX_VALUE;

const timeOf = (target: Target, { health, streamed, now }: Race): number | undefined =>
  health.latency(target, streamed ? "stream" : "whole", now)?.ewmaMs;

/** Two at random: in the order of the config, or for a prompt that stays its own one first. */
function draw(targets: readonly Target[], { hash, stays }: Race): readonly Target[] {
  if (targets.length === 2 && !stays) return targets;
  const drawn = new Set(orderWeighted(targets, hash).slice(0, 2));
  return stays ? [...drawn] : targets.filter((target) => drawn.has(target));
}

/** Whether the second is to be called, by times in milliseconds. */
function isBetter(first: number | undefined, second: number | undefined, { hash, stays }: Race): boolean {
  const explored = second === undefined ? EXPLORED_UNKNOWN : EXPLORED;
  if (!stays && first !== undefined && mix(hash, EXPLORING) < explored) return true;
  if (first === undefined || second === undefined) return false;
  return second < first * (1 - (stays ? STAYING_MARGIN : MARGIN));
}

/** So that what is explored has nothing to do with what was drawn. */
const EXPLORING = 1;
