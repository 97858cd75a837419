import type { Target } from "./catalog.ts";
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
 * Decides which of a route's targets are tried, and in which order: that of the config, from the target after
 * `brokeAt` on where one broke off before. Pure.
 */
export function planTargets({ route, task, brokeAt }: Planning): Plan {
  const targets = beginAfter(route.targets, brokeAt);
  const offers = ({ adapter }: Target) => adapter[task] !== undefined;
  if (targets.every(offers)) return { targets, skipped: NONE };
  const skipped = targets
    .filter((target) => !offers(target))
    .map(({ label }) => ({ label, why: `does not offer ${task}` }));
  return { targets: targets.filter(offers), skipped };
}

/** The same targets from the one after this on, and those before it last. */
function beginAfter(targets: readonly Target[], label: string | undefined): readonly Target[] {
  const at = label === undefined ? -1 : targets.findIndex((target) => target.label === label);
  return at < 0 ? targets : [...targets.slice(at + 1), ...targets.slice(0, at + 1)];
}
