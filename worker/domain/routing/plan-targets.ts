import type { GatewayError } from "../../contract/errors.ts";
import type { Target } from "./catalog.ts";
import { DRAINED } from "./tell-out.ts";
import { findUnfit, type Unfit } from "./find-unfit.ts";
import { leaveOutPaused } from "./leave-out-paused.ts";
import { orderTargets } from "./order-targets.ts";
import { hasTiers } from "./order-tiers.ts";
import type { Planning } from "./planning.ts";

/** The targets of one request in the order in which they are to be tried. */
export interface Plan {
  readonly targets: readonly Target[];
  /** Those that are left out, and why. */
  readonly skipped: readonly SkippedTarget[];
  /** Those of the skipped whose breaker is open, the one first that may be called soonest: for when all others fail. */
  readonly lastResort?: readonly Target[] | undefined;
  /** The one that would be first were its breaker not open: what it answered before may be in the cache. */
  readonly paused?: Target | undefined;
  /** For work that may take its time: where it would have gone had it hurried, which tells what it saves. */
  readonly hurried?: Target | undefined;
}

export interface SkippedTarget extends Unfit {
  readonly label: string;
}

const NONE: readonly SkippedTarget[] = [];

/**
 * Decides which of a route's targets are tried, and in which order: that of the route's strategy, from the target
 * after `brokeAt` on where one broke off before. Left out are those that the request is not for, and those whose
 * breaker is open, unless all are. Pure.
 */
export function planTargets(planning: Planning): Plan {
  const { route, brokeAt } = planning;
  const configured = beginAfter(route.targets, brokeAt);
  const unfit = findUnfit(planning);
  const targets = unfit.size === 0 ? configured : configured.filter((target) => !unfit.has(target));
  const skipped =
    unfit.size === 0 ? NONE : configured.flatMap((target) => tellSkipped(target, unfit.get(target)));
  const isPaused = (target: Target) => planning.health.waitMs(target, planning.now) !== undefined;
  const hurried = findHurried(targets, planning);
  if (targets.some(isPaused)) {
    const left = leaveOutPaused(targets, planning);
    const all = [...skipped, ...left.skipped];
    return { ...left, targets: beginAfter(left.targets, brokeAt), skipped: all, hurried };
  }
  const ordered = beginAfter(orderTargets(targets, planning), brokeAt);
  return hurried ? { targets: ordered, skipped, hurried } : { targets: ordered, skipped };
}

function findHurried(targets: readonly Target[], planning: Planning): Target | undefined {
  if (planning.priority !== "economy" || !hasTiers(targets)) return undefined;
  return orderTargets(targets, { ...planning, priority: "interactive" })[0];
}

const tellSkipped = ({ label }: Target, unfit: Unfit | undefined): SkippedTarget[] =>
  unfit ? [{ label, ...unfit }] : [];

/** Why nobody is asked where a plan has no targets: the request is for none of them, or none can be called. */
export const refuseEmpty = ({ skipped }: Plan): GatewayError =>
  skipped.some(({ condition }) => condition !== undefined)
    ? {
        code: "model_input_invalid",
        message: "This route takes no such request: the conditions it sets are not met.",
      }
    : skipped.some(({ why }) => why === DRAINED)
      ? { code: "overloaded", message: "The targets of this route are taken out of use; try again later." }
      : { code: "not_configured" };

/** The same targets from the one after this on, and those before it last. */
function beginAfter(targets: readonly Target[], label: string | undefined): readonly Target[] {
  const at = label === undefined ? -1 : targets.findIndex((target) => target.label === label);
  return at < 0 || at === targets.length - 1
    ? targets
    : [...targets.slice(at + 1), ...targets.slice(0, at + 1)];
}
