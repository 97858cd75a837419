const BASE_MS = 1000;
const CAP_MS = 300_000;
/** A queue counts its delays in whole seconds. */
const SHORTEST_MS = 1000;
/** What a wait leaves of a job's time for the run after it; half of a shorter time. */
export const RUN_MARGIN_MS = 30_000;

/** A run that failed, and may be repeated. Times are milliseconds. */
export interface FailedTry {
  /** How many runs of the job have failed, this one included. */
  readonly tries: number;
  /** Uniform in (0, 1]. */
  readonly roll: number;
  /** What the provider asks for, if anything. */
  readonly retryAfterMs?: number | undefined;
  /** How long the job has until it must be done. */
  readonly leftMs: number;
}

/**
 * How long a job waits after a failed run, in milliseconds: "full jitter", the roll's share of a second that
 * doubles with each failure up to five minutes, as in "Exponential Backoff And Jitter" (AWS, 2015). It comes on
 * top of the provider's Retry-After, so that jobs that are told the same do not all come back together.
 */
export function retryDelayMs({ tries, roll, retryAfterMs = 0, leftMs }: FailedTry): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(tries - 1, 30));
  return boundDelayMs(retryAfterMs + roll * ceiling, leftMs);
}

/**
 * The wait that is wanted, as far as the job's time allows: never so long that no run can follow it, and never
 * shorter than a queue can tell. A job with less than that left has no time for another run.
 */
export function boundDelayMs(wantedMs: number, leftMs: number): number {
  const longest = leftMs - Math.min(RUN_MARGIN_MS, leftMs / 2);
  return Math.max(SHORTEST_MS, Math.ceil(Math.min(wantedMs, longest)));
}

/**
 * How long a job waits after the latest of `lost` runs in a row that were never reported: not at all after the
 * first, for a deploy ends runs, too; then longer each time, for the job may be what ends them.
 */
export const lostRunDelayMs = (lost: number, leftMs: number): number =>
  lost <= 1 ? 0 : boundDelayMs(Math.min(CAP_MS, BASE_MS * 2 ** Math.min(lost - 1, 30)), leftMs);
