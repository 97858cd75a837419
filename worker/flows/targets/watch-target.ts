import type { GatewayError } from "../../contract/errors.ts";
import { RUN_MARGIN_MS } from "../../domain/jobs/retry-delay.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failPaused, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Limiter } from "../../platform/limiter.ts";
import type { Services } from "../services.ts";

/** What one attempt has to do with its target's pauses. */
export interface TargetWatch {
  /** Why the target is not to be called, asked before a turn is waited for: one behind calls that hang takes long. */
  find(): UpstreamFailure | undefined;
  /** The same when the turn has come. An attempt that may call once may call again: it may take several calls. */
  enter(): UpstreamFailure | undefined;
  /** Tells how a call, or in the end the attempt, has gone; a failure counts once. */
  hear(error: GatewayError | undefined): void;
}

interface Pacing {
  readonly inTurn?: Limiter | undefined;
  /** In milliseconds since the epoch. */
  readonly deadline: { readonly at: number };
}

/**
 * Every attempt tells what it learns of its target; only those that nobody waits for heed pauses, and not where this
 * is their last chance.
 */
export function watchTarget(
  { health, now }: Pick<Services, "health" | "now">,
  target: Target,
  { inTurn, deadline }: Pacing,
): TargetWatch {
  let startedAt = now();
  let hasEntered = inTurn === undefined;
  let hasFailed = false;
  const refuse = (waitMs: number | undefined) =>
    waitMs === undefined || deadline.at - now() <= RUN_MARGIN_MS
      ? undefined
      : failPaused(target.label, waitMs);
  return {
    find: () => (hasEntered ? undefined : refuse(health.find(target, now()))),
    enter() {
      if (hasEntered) return undefined;
      const refused = refuse(health.enter(target, now()));
      hasEntered = refused === undefined;
      startedAt = now();
      return refused;
    },
    hear(error) {
      if (hasFailed) return;
      hasFailed = error !== undefined;
      health.hear(target, { startedAt, endedAt: now(), error });
    },
  };
}
