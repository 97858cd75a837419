import type { Usage } from "../../contract/responses.ts";
import { addUsages } from "./add-usages.ts";
import { computeCost } from "./cost.ts";
import type { Priced } from "./priced.ts";

/** What a call that failed used and cost all the same, as far as that is known: it is billed like any other. */
export interface Spent {
  readonly usage: Usage | null;
  /** In USD; undefined where the price is unknown. */
  readonly costUsd: number | undefined;
}

/** What a failed call says that it used; undefined where it says nothing. */
export const spentOn = (told: Usage | null | undefined, target: Priced): Spent | undefined =>
  told ? { usage: told, costUsd: computeCost(told, target) } : undefined;

/** What several calls used and cost together; of those that do not tell, nothing is in it. */
export function addSpent(each: readonly (Spent | undefined)[]): Spent | undefined {
  const known = each.filter((spent) => spent !== undefined);
  if (known.length === 0) return undefined;
  const costs = known.flatMap(({ costUsd }) => costUsd ?? []);
  return {
    usage: addUsages(known.map(({ usage }) => usage).filter((usage) => usage !== null)),
    costUsd: costs.length > 0 ? costs.reduce((all, cost) => all + cost, 0) : undefined,
  };
}
