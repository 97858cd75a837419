import type { Target } from "./catalog.ts";
import { isWithin } from "./opening-hours.ts";
import type { Planning } from "./planning.ts";

/** What is told of a target that the config has drained, or its provider. */
export const DRAINED = "is taken out of use";

/** Why a target is not to be asked, whatever the request says; undefined where it may be. */
export function tellOut(target: Target, planning: Planning): string | undefined {
  const { task, jurisdiction, now } = planning;
  const { hours } = target;
  if (target.adapter[task] === undefined) return `does not offer ${task}`;
  if (jurisdiction !== undefined && isOutside(target, jurisdiction))
    return `is not in the tenant's jurisdiction, ${jurisdiction}`;
  if (hours && !isWithin(hours, now)) return `is used from ${hours.from} to ${hours.to} UTC`;
  return target.drained === true ? DRAINED : undefined;
}

/** What is computed in the Worker goes nowhere. */
const isOutside = ({ location, runsIn }: Target, jurisdiction: string): boolean =>
  runsIn !== "worker" && location?.jurisdiction !== jurisdiction;
