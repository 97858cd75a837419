import type { Target } from "./catalog.ts";
import { mix } from "./spread.ts";

/**
 * Orders targets at random by their weights: each is first as often as its share of the weights, and the others
 * follow as if it were not there. The same hash gives the same order, and a target that comes or goes moves no
 * others' requests: weighted rendezvous hashing, by the exponential ranks of Efraimidis and Spirakis
 * (https://doi.org/10.1016/j.ipl.2005.11.003). A target without weight comes last.
 */
export function orderWeighted(targets: readonly Target[], hash: number): readonly Target[] {
  const ranks = new Map(targets.map((target) => [target, rankOf(target, hash)]));
  return targets.toSorted((one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0));
}

/** Huge for no weight, and not infinite, whose differences are no numbers. */
const rankOf = ({ weight, hash: own }: Target, hash: number): number =>
  weight === 0 ? Number.MAX_VALUE : -Math.log(mix(hash, own)) / weight;
