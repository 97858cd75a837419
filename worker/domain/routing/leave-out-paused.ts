import type { Target } from "./catalog.ts";
import { orderTargets } from "./order-targets.ts";
import type { Planning } from "./planning.ts";

interface Left {
  readonly targets: readonly Target[];
  readonly skipped: readonly { readonly label: string; readonly why: string }[];
  /** Those that are left out, the one first that may be called soonest. */
  readonly lastResort?: readonly Target[];
  /** The one that would be first were its breaker not open. */
  readonly paused: Target | undefined;
}

/**
 * Orders those targets whose breaker is closed, and leaves out the others. Where none is closed,
 * they all stay, the one first that may be called again soonest: now and then a call of each is let through.
 */
export function leaveOutPaused(targets: readonly Target[], planning: Planning): Left {
  const { health, now } = planning;
  const waits = new Map(
    targets.flatMap((target) => {
      const waitMs = health.waitMs(target, now);
      return waitMs === undefined ? [] : [[target, waitMs] as const];
    }),
  );
  const [best] = orderTargets(targets, planning);
  const wait = (target: Target) => waits.get(target) ?? 0;
  if (waits.size === targets.length)
    return { targets: targets.toSorted((one, other) => wait(one) - wait(other)), skipped: [], paused: best };
  return {
    targets: orderTargets(
      targets.filter((target) => !waits.has(target)),
      planning,
    ),
    lastResort: [...waits.keys()].toSorted((one, other) => wait(one) - wait(other)),
    skipped: [...waits].map(([{ label }, waitMs]) => ({ label, why: describe(waitMs) })),
    paused: best && waits.has(best) ? best : undefined,
  };
}

const describe = (waitMs: number): string =>
  `keeps failing: it is called again in ${Math.ceil(waitMs / 1000)} s`;
