const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Standard Webhooks' own example, cut to a day: eight deliveries, the last some 24 hours after the first. */
const DELAYS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR] as const;
/** So that deliveries that failed together are not repeated together. */
const JITTER = 0.2;
/** The longest delay of a message that a queue takes. */
const MAX_DELAY_MS = 12 * HOUR;

/**
 * How long to wait after the failure of delivery `attempt` (1 is the first) before the next, in
 * milliseconds; null where there is none. `roll` is uniform in (0, 1] and moves the wait by at most a
 * fifth. A receiver that asks for more time (`retryAfterMs`) gets it, up to twelve hours.
 */
export function webhookDelayMs(attempt: number, roll: number, retryAfterMs = 0): number | null {
  const delayMs = DELAYS_MS[attempt - 1];
  if (delayMs === undefined) return null;
  const jittered = Math.round(delayMs * (1 - JITTER + 2 * JITTER * roll));
  return Math.min(Math.max(jittered, retryAfterMs), MAX_DELAY_MS);
}
