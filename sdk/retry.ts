import type { Clock } from "./clock.ts";
import type { HeadraceError } from "./errors.ts";

/** What one attempt came to. `retry` is the advice of the server, or else of the error. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: HeadraceError; readonly retry: boolean };

export type Failure = Extract<Outcome<never>, { ok: false }>;

export interface RetryPolicy {
  readonly maxRetries: number;
  /** No retry starts at or after this time, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Aborts the whole call; its reason is the error to throw. */
  readonly signal: AbortSignal;
}

const BASE_DELAY_MS = 100;
const THROTTLED_BASE_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;
const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * How long to wait before retry number `retry` (0 is the first), in milliseconds; undefined where it
 * should not be made. What the server asked for, up to a minute, or else "full jitter": `roll` (in
 * [0, 1)) times min(cap, base * 2^retry), as in "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function retryDelayMs(retry: number, roll: number, failure: Failure): number | undefined {
  if (!failure.retry) return undefined;
  const { retryAfterMs, status } = failure.error;
  if (retryAfterMs !== undefined) return retryAfterMs <= LONGEST_RETRY_AFTER_MS ? retryAfterMs : undefined;
  const baseMs = status === 429 ? THROTTLED_BASE_DELAY_MS : BASE_DELAY_MS;
  return roll * Math.min(LONGEST_DELAY_MS, baseMs * 2 ** retry);
}

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3) as milliseconds from `nowMs`: seconds, fractions
 * too, or a date in GMT. Undefined for anything else, a date that has passed among it.
 */
export function parseRetryAfterMs(value: string | null | undefined, nowMs: number): number | undefined {
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const delayMs = value.endsWith(" GMT") ? Date.parse(value) - nowMs : Number.NaN;
  return delayMs >= 0 ? delayMs : undefined;
}

/** Waits before retry number `retries`; throws the failure's error where it is not to be made. */
export async function waitForRetry(
  { signal, maxRetries, deadlineMs }: RetryPolicy,
  retries: number,
  failure: Failure,
  clock: Clock,
): Promise<void> {
  signal.throwIfAborted();
  const delayMs = retries < maxRetries ? retryDelayMs(retries, clock.random(), failure) : undefined;
  if (delayMs === undefined || clock.now() + delayMs >= deadlineMs) throw failure.error;
  await clock.sleep(delayMs, signal);
}

/**
 * Repeats `attempt` (given the number of retries so far) until it succeeds, fails for good, or the
 * policy is used up. Throws the last attempt's error; once the signal is aborted, its reason.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: (retries: number) => Promise<Outcome<T>>,
  clock: Clock,
): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    policy.signal.throwIfAborted();
    const outcome = await attempt(retries);
    if (outcome.ok) return outcome.value;
    await waitForRetry(policy, retries, outcome, clock);
  }
}
