import { type GatewayError, isRetryable } from "../../contract/errors.ts";

/**
 * When a target that keeps failing is left alone by work that nobody waits for. After a few failures in a row it
 * is paused, for a second at first and twice as long each time, up to five minutes. After each pause one call is
 * let through: its success ends the pause for all, its failure begins the next. Pure; times are milliseconds
 * since the epoch.
 */
export interface TargetPause {
  /** Failures in a row. */
  readonly failures: number;
  /** The length of the latest pause, in milliseconds; 0 before the first. */
  readonly pauseMs: number;
  /** When it is over: calls that began before then, by those that do not heed it, say nothing new. */
  readonly overAt: number;
  /** No call of those that heed it before then: later than `overAt` while one that was let through is under way. */
  readonly until: number;
}

/** One target in a healthy state fails now and then; five calls of a delivery run at once. */
const FAILURES_IN_A_ROW = 5;
const BASE_MS = 1000;
const CAP_MS = 300_000;

const HEALTHY: TargetPause = { failures: 0, pauseMs: 0, overAt: 0, until: 0 };

/** Failures that say nothing of the target: the caller's own time was over, it left, or the gateway failed. */
const SILENT: ReadonlySet<GatewayError["code"]> = new Set([
  "client_closed",
  "deadline_exceeded",
  "internal_error",
]);

interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined where it was answered. */
  readonly error: GatewayError | undefined;
}

/**
 * A target after a call. Undefined: it is well. It is, too, where it refuses what a repeat would not mend: then it
 * answers, and only that request is at fault.
 */
export function hearCall(
  before: TargetPause | undefined,
  { error, startedAt, endedAt }: Call,
): TargetPause | undefined {
  if (error && SILENT.has(error.code)) return before;
  if (!error || !isRetryable(error)) return undefined;
  const pause = before ?? HEALTHY;
  const failures = pause.failures + 1;
  if (failures < FAILURES_IN_A_ROW || startedAt < pause.overAt) return { ...pause, failures };
  const pauseMs = pause.pauseMs === 0 ? BASE_MS : Math.min(2 * pause.pauseMs, CAP_MS);
  const asked = Math.min(error.retryAfterMs ?? 0, CAP_MS);
  const overAt = endedAt + Math.max(pauseMs, asked);
  return { failures, pauseMs, overAt, until: overAt };
}

/**
 * How long work is to wait before it asks for the target again, in milliseconds; undefined where it may call now.
 * The waits of many end at different times, spread over as long as the pause lasts.
 */
export function pausedMs(pause: TargetPause | undefined, now: number, roll: number): number | undefined {
  if (!pause || now >= pause.until) return undefined;
  return pause.until - now + roll * pause.pauseMs;
}

/** A target whose pause is over, after one call was let through: the others wait for what comes of it. */
export const letOneThrough = (pause: TargetPause, now: number): TargetPause =>
  pause.pauseMs === 0 ? pause : { ...pause, until: now + pause.pauseMs };
