import type { Outage } from "./plan.ts";

/** What was seen in a run. */
export interface Soak {
  readonly requests: number;
  /** What went wrong, for each request that was not answered well. */
  readonly errors: readonly string[];
  readonly outages: readonly SeenOutage[];
  /** Resident bytes of the gateway, sampled at even times. */
  readonly residentBytes: readonly number[];
  /** Requests a second. */
  readonly rate: number;
  /** The latest that a request was sent, in milliseconds: a machine that is too busy says nothing of the gateway. */
  readonly lateMs: number;
  /** How long the gateway waits for a provider that is silent. */
  readonly timeoutMs: number;
}

/** An outage, and how often the provider was called while it lasted. */
export interface SeenOutage extends Outage {
  readonly calls: number;
}

const MB = 1024 * 1024;
/** A thousandth of the requests. */
const MOST_ERRORS = 0.001;
const MOST_GROWTH = 24 * MB;
/** A provider's targets have a breaker each: the model for chats, and that for embeddings. */
const TARGETS = 2;
/** A breaker opens at the fifth failure in a row; others are under way by then, and each may be repeated twice. */
const UNTIL_OPEN = 30;

/** What the run has shown that must not be; nothing where all is well. Pure. */
export function judgeSoak(soak: Soak): string[] {
  const faults: string[] = [];
  const share = soak.errors.length / Math.max(1, soak.requests);
  if (share >= MOST_ERRORS) faults.push(`${soak.errors.length} of ${soak.requests} requests failed`);
  const grown = measureGrowth(soak.residentBytes);
  if (grown > MOST_GROWTH) faults.push(`its memory has grown by ${Math.round(grown / MB)} MB`);
  for (const outage of soak.outages) {
    const most = boundCalls(outage, soak);
    if (outage.calls > most) faults.push(`${outage.calls} calls of a dead target, of ${most} at most`);
  }
  return faults;
}

/** The median of the last quarter over that of the second one: in the first, memory fills that is kept in use. */
export function measureGrowth(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  return median(samples.slice(-quarter)) - median(samples.slice(quarter, 2 * quarter));
}

/**
 * The most calls that a target may get that is down: those until its breakers open, and then one a second. Of a
 * silent one nothing is known until the first calls have timed out.
 */
export function boundCalls({ kind, fromMs, untilMs }: Outage, { rate, timeoutMs }: Soak): number {
  const unknown = kind === "silence" ? (rate * timeoutMs) / 1000 : 0;
  return Math.ceil(unknown + TARGETS * (UNTIL_OPEN + (untilMs - fromMs) / 1000));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
