import type { Target } from "./catalog.ts";
import { orderTargets } from "./order-targets.ts";
import type { Planning } from "./planning.ts";

/** The targets of one request in the order in which they are to be tried. */
export interface Plan {
  readonly targets: readonly Target[];
  /** Those that are left out, and why. */
  readonly skipped: readonly SkippedTarget[];
}

export interface SkippedTarget {
  readonly label: string;
  readonly why: string;
}

const NONE: readonly SkippedTarget[] = [];

/**
 * Decides which of a route's targets are tried, and in which order: that of the route's strategy, from the target
 * after `brokeAt` on where one broke off before. Left out are those that do not offer the task, and those that
 * are out of use. Pure.
 */
export function planTargets(planning: Planning): Plan {
  const { route, brokeAt } = planning;
  const configured = beginAfter(route.targets, brokeAt);
  const { targets, skipped } = configured.some((target) => isOut(target, planning))
    ? leaveOut(configured, planning)
    : { targets: configured, skipped: NONE };
  return { targets: beginAfter(orderTargets(targets, planning), brokeAt), skipped };
}

const isOut = (target: Target, { task, health }: Planning): boolean =>
  target.adapter[task] === undefined || health.isDrained(target);

function leaveOut(configured: readonly Target[], planning: Planning): Plan {
  const skipped = configured
    .filter((target) => isOut(target, planning))
    .map((target) => ({ label: target.label, why: tellWhy(target, planning) }));
  return { targets: configured.filter((target) => !isOut(target, planning)), skipped };
}

const tellWhy = (target: Target, { task }: Planning): string =>
  target.adapter[task] === undefined ? `does not offer ${task}` : "is taken out of use";

/** The same targets from the one after this on, and those before it last. */
function beginAfter(targets: readonly Target[], label: string | undefined): readonly Target[] {
  const at = label === undefined ? -1 : targets.findIndex((target) => target.label === label);
  return at < 0 || at === targets.length - 1
    ? targets
    : [...targets.slice(at + 1), ...targets.slice(0, at + 1)];
}
