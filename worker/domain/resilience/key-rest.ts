import type { UpstreamFailure } from "../routing/upstream-failure.ts";

/**
 * When one of a provider's keys is left alone, for others can be used. A key that was refused rests for ten seconds,
 * and twice as long after each refusal that follows, up to an hour; then one call tries it. It is never given up:
 * providers refuse good keys for a while, and accounts are topped up. A key at its rate limit rests for as long as
 * the provider says. Pure; times are milliseconds since the epoch.
 */
export interface KeyRest {
  readonly why: KeyFault["why"];
  /** In a row. */
  readonly failures: number;
  /** When the latest was heard: calls that began before then say nothing new. */
  readonly since: number;
  readonly until: number;
  /** The provider has said how long to wait. */
  readonly isTold: boolean;
  /** While one call finds out whether the key is good again, others leave it alone. */
  readonly probedUntil: number;
}

/** What a failure says of the key that was used. */
export interface KeyFault {
  /** Refused: the key, its account or what it may do. Limited: it was used too often. */
  readonly why: "refused" | "limited";
  /** Whether it counts for all models; limits and permissions are of one. */
  readonly of: "key" | "model";
  readonly retryAfterMs: number | undefined;
}

const BASE_MS = { refused: 10_000, limited: 5000 } as const;
const CAP_MS = 3_600_000;
/** What is told as no wait at all would have every request try the key first. */
const SHORTEST_MS = 1000;
const PROBE_MS = 10_000;

/**
 * The key's part in a failure, undefined where it has none. 401 and 402 are of the key, as is what a provider says
 * of its account with any status (a quota that is used up comes with 429, a wrong key with 400); a 403 may be of
 * the model only.
 */
export function judgeKey({ error, status, cause }: UpstreamFailure): KeyFault | undefined {
  if (cause === "account")
    return { why: "refused", of: status === 403 ? "model" : "key", retryAfterMs: undefined };
  if (error.code !== "rate_limited") return undefined;
  return { why: "limited", of: "model", retryAfterMs: error.retryAfterMs };
}

interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A key's rest after a call that failed by its fault. */
export function restKey(
  before: KeyRest | undefined,
  { why, retryAfterMs }: Omit<KeyFault, "of">,
  { startedAt, endedAt }: Call,
): KeyRest {
  if (before && startedAt < before.since) return before;
  const failures = before?.why === why ? before.failures + 1 : 1;
  const grownMs = Math.min(CAP_MS, BASE_MS[why] * 2 ** (failures - 1));
  const restMs = retryAfterMs === undefined ? grownMs : Math.min(CAP_MS, Math.max(SHORTEST_MS, retryAfterMs));
  return {
    why,
    failures,
    since: endedAt,
    until: endedAt + restMs,
    isTold: retryAfterMs !== undefined,
    probedUntil: 0,
  };
}

/** Whether a call that was answered says that the key is good again. */
export const isOver = (rest: KeyRest, { startedAt }: Pick<Call, "startedAt">): boolean =>
  startedAt >= rest.since;

/** A key after the rest, while one call tries it; one that was only limited is open to all. */
export const probeKey = (rest: KeyRest, now: number): KeyRest =>
  rest.why === "refused" ? { ...rest, probedUntil: now + PROBE_MS } : rest;

export const isResting = (rest: KeyRest | undefined, now: number): rest is KeyRest =>
  rest !== undefined && now < Math.max(rest.until, rest.probedUntil);
