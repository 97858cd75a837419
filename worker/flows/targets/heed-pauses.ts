import { RUN_MARGIN_MS } from "../../domain/jobs/retry-delay.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failPaused, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Limiter } from "../../platform/limiter.ts";
import type { Services } from "../services.ts";

interface Pacing {
  readonly inTurn?: Limiter | undefined;
  /** Milliseconds since the epoch. */
  readonly deadlineAt: number;
}

/** One attempt of a target that may be paused. Its methods tell why the target is not to be called, if so. */
export interface HeedingAttempt {
  /** Asked before it waits its turn: a turn behind calls that hang takes long. */
  find(): UpstreamFailure | undefined;
  /** Asked when its turn has come; an attempt that may call once may call again, for it may take several calls. */
  enter(): UpstreamFailure | undefined;
}

/**
 * An attempt that heeds its target's pauses. Only work that nobody waits for does, and not where this is its last
 * chance; undefined where the attempt is another's, or the target is computed here.
 */
export function heedPauses(
  { pauses, now }: Pick<Services, "pauses" | "now">,
  target: Target,
  { inTurn, deadlineAt }: Pacing,
): HeedingAttempt | undefined {
  if (!inTurn || target.runsIn === "worker") return undefined;
  let hasEntered = false;
  const refuse = (waitMs: number | undefined) =>
    waitMs === undefined || deadlineAt - now() <= RUN_MARGIN_MS
      ? undefined
      : failPaused(target.label, waitMs);
  return {
    find: () => refuse(pauses.find(target, now())),
    enter() {
      const refused = hasEntered ? undefined : refuse(pauses.enter(target, now()));
      hasEntered = !refused;
      return refused;
    },
  };
}
