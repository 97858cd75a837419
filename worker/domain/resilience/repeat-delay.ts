import { isRetryable } from "../../contract/errors.ts";
import type { UpstreamFailure } from "../routing/upstream-failure.ts";

/** Numbers of "Exponential Backoff And Jitter" (AWS, 2015) and of AWS's SDKs; milliseconds. */
const BASE_MS = 100;
const THROTTLED_BASE_MS = 500;
const CAP_MS = 20_000;
/** A provider that asks for a longer wait is left for the next target: a person waits for the answer. */
const SHORT_WAIT_MS = 2000;

/** An attempt that failed, and what a repeat at the same target would have to fit into. */
export interface FailedAttempt {
  readonly failure: UpstreamFailure;
  /** How many attempts there were at this target, this one included, and how many there may be. */
  readonly tries: number;
  readonly most: number;
  /** Whether the plan has another target. */
  readonly hasNext: boolean;
  /** What becomes of an attempt that the provider may have answered, had the connection not broken. */
  readonly onUnknownOutcome: "repeat" | "fail";
  /** How long the request has left, in milliseconds. */
  readonly leftMs: number;
  /** Uniform in (0, 1]. */
  readonly roll: number;
}

/**
 * How long to wait before the same target is asked again, in milliseconds: "full jitter" on top of what the
 * provider asks for. Undefined where it is not to be asked again: after a time-out, after what the client or
 * the deployment is at fault for, after an answer that was billed, and where there is no time for another.
 */
export function repeatDelayMs(failed: FailedAttempt): number | undefined {
  const { failure, tries, most, leftMs, roll } = failed;
  if (tries >= most || !mayRepeat(failed)) return undefined;
  const base = isThrottled(failure) ? THROTTLED_BASE_MS : BASE_MS;
  const jitter = roll * Math.min(CAP_MS, base * 2 ** (tries - 1));
  const delayMs = Math.ceil((failure.error.retryAfterMs ?? 0) + jitter);
  return delayMs < leftMs ? delayMs : undefined;
}

function mayRepeat({ failure, hasNext, onUnknownOutcome }: FailedAttempt): boolean {
  const { error, tryNext, status, spent } = failure;
  if (!tryNext || error.uncalled === true || spent || !isRetryable(error)) return false;
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined && retryAfterMs > SHORT_WAIT_MS) return false;
  if (isThrottled(failure)) return retryAfterMs !== undefined || !hasNext;
  if (error.code !== "upstream_error") return false;
  return status === undefined ? onUnknownOutcome === "repeat" : status >= 500;
}

/** Whether the target has said that it is asked too much, or has too much to do. */
const isThrottled = ({ error }: UpstreamFailure): boolean =>
  error.code === "rate_limited" || error.code === "overloaded";
