import type { Task } from "../../contract/requests.ts";
import type { Route, Target } from "./catalog.ts";

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

/** Decides which of a route's targets are tried, and in which order: at present that of the config. Pure. */
export function planTargets({ targets }: Route, task: Task | "transcriptions"): Plan {
  const offers = ({ adapter }: Target) => adapter[task] !== undefined;
  if (targets.every(offers)) return { targets, skipped: NONE };
  const skipped = targets
    .filter((target) => !offers(target))
    .map(({ label }) => ({ label, why: `does not offer ${task}` }));
  return { targets: targets.filter(offers), skipped };
}
