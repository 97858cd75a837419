import { type GatewayError, isRetryable } from "../../contract/errors.ts";

/**
 * The circuit breaker of a target, which every call heeds. It opens after five failures in a row (more, where so
 * many come by chance), or where half of at least twenty calls of late fail, for a second at first and twice as long
 * each time, up to five minutes. Then it is half-open: one call is let through, whose success closes it, and whose
 * failure opens it for longer. A provider that says when to come back is left alone until then, from its first such word on; after that,
 * where it has not kept failing, all may call. Pure; times are milliseconds since the epoch. Undefined: a target of
 * which no failure is remembered.
 */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** Calls since then, about ten seconds ago, and how many of them failed; those before count half. */
  readonly since: number;
  readonly calls: number;
  readonly failed: number;
  /** The length of the latest pause that it chose by itself; 0 before the first. */
  readonly pauseMs: number;
  /** When it was closed last. One that opens again soon after goes on where it was. */
  readonly closedAt: number;
  readonly opening: Opening | undefined;
}

/** What is told to those that may not call. */
export type Refusal = "rate_limited" | "overloaded";

interface Opening {
  /** Calls that began by then say nothing new. */
  readonly at: number;
  readonly overAt: number;
  /** Whether some calls were answered of late: then it is called where a request has no better target. */
  readonly answersSome: boolean;
  /** Who may call once it is over. */
  readonly admits: "all" | "one";
  readonly code: Refusal;
  /** When the latest call was let through, and whether it is under way. */
  readonly triedAt: number;
  readonly isTried: boolean;
}

/** A target in a healthy state fails now and then; five calls of a delivery run at once. */
const FAILURES_IN_A_ROW = 5;
const WINDOW_MS = 10_000;
const MIN_CALLS = 20;
const FAILED_SHARE = 0.5;
/** A row of failures says nothing where its like comes oftener than once in so many. */
const CHANCE = 1 / 10_000;
const BASE_MS = 1000;
const CAP_MS = 300_000;
/** A call that was let through and of which nothing is heard for so long is taken for lost. */
const LOST_MS = 30_000;

/** Failures that say nothing of the target: the caller's own time was over, it left, or the gateway failed. */
const SILENT: ReadonlySet<GatewayError["code"]> = new Set([
  "client_closed",
  "deadline_exceeded",
  "internal_error",
  "not_configured",
]);
const isSilent = ({ code, own }: GatewayError): boolean => own === true || SILENT.has(code);

export interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined where it was answered. */
  readonly error: GatewayError | undefined;
  /** What the provider answered, where it did. */
  readonly status?: number | undefined;
  /** The one that an open breaker let through. */
  readonly isTrial?: boolean;
}

/**
 * A breaker after a call has ended. A target that refuses what a repeat would not mend is well: it answers, and only
 * that request is at fault.
 */
export function hearCall(before: Breaker | undefined, call: Call): Breaker | undefined {
  const { error, status } = call;
  if (!error) return succeed(before, call);
  if (isRetryable(error) && !isSilent(error)) return fail(before, call, error);
  if (status !== undefined) return succeed(before, call);
  return call.isTrial ? endTrial(before) : before;
}

/** A breaker after an answer has begun, which may yet break off: it is closed, and the call counts when it ends. */
export const hearBegin = (
  before: Breaker | undefined,
  { startedAt, endedAt }: Pick<Call, "startedAt" | "endedAt">,
): Breaker | undefined =>
  before?.opening && startedAt > before.opening.at ? close(before, endedAt) : before;

/** The call that was let through has come to nothing: another may be. */
export const endTrial = (before: Breaker | undefined): Breaker | undefined =>
  before?.opening ? { ...before, opening: { ...before.opening, isTried: false } } : before;

/** What it was like before its latest row of failures is kept. */
const close = (before: Breaker, now: number): Breaker => ({
  ...before,
  calls: Math.max(before.calls - before.failures, 0),
  failed: Math.max(before.failed - before.failures, 0),
  failures: 0,
  closedAt: now,
  opening: undefined,
});

const count = (since: number, failed: number) => ({ since, calls: failed, failed });

function succeed(before: Breaker | undefined, call: Call): Breaker | undefined {
  if (!before) return undefined;
  if (before.opening?.answersSome === true) return hearBegin({ ...before, calls: before.calls + 1 }, call);
  if (before.opening) return hearBegin(before, call);
  const isOver = call.endedAt >= Math.max(before.since + WINDOW_MS, remembersUntil(before));
  return isOver ? undefined : { ...before, failures: 0, calls: before.calls + 1 };
}

/** Until when one that was closed opens for longer than the last time. */
const remembersUntil = ({ closedAt, pauseMs }: Breaker): number => closedAt + Math.max(WINDOW_MS, pauseMs);

function fail(before: Breaker | undefined, call: Call, error: GatewayError): Breaker {
  if (before?.opening) return failOpen(before, before.opening, call, error);
  if (before && call.startedAt < before.closedAt) return before;
  const counted = countFailure(before, call.endedAt);
  if (keepsFailing(counted)) return open(counted, call, error, grow(counted.pauseMs));
  return askedMs(error) > 0 ? open(counted, call, error, counted.pauseMs) : counted;
}

function countFailure(before: Breaker | undefined, now: number): Breaker {
  if (!before) return { ...count(now, 1), failures: 1, pauseMs: 0, closedAt: -Infinity, opening: undefined };
  const { since, calls, failed } = renewWindow(before, now);
  const pauseMs = now < remembersUntil(before) ? before.pauseMs : 0;
  return { ...before, failures: before.failures + 1, since, calls: calls + 1, failed: failed + 1, pauseMs };
}

function renewWindow(
  { since, calls, failed }: Breaker,
  now: number,
): Pick<Breaker, "since" | "calls" | "failed"> {
  if (now < since + WINDOW_MS) return { since, calls, failed };
  return now < since + 2 * WINDOW_MS ? { since: now, calls: calls / 2, failed: failed / 2 } : count(now, 0);
}

const keepsFailing = (breaker: Breaker): boolean =>
  isDead(breaker) || (breaker.calls >= MIN_CALLS && breaker.failed >= FAILED_SHARE * breaker.calls);

/** Whether it fails time after time, by more than the chance that its other failures of late make likely. */
function isDead({ failures, calls, failed }: Breaker): boolean {
  const others = Math.max(calls - failures, 0);
  const share = others === 0 ? 0 : Math.max(failed - failures, 0) / others;
  return failures >= FAILURES_IN_A_ROW && share ** failures < CHANCE;
}

const grow = (pauseMs: number): number => (pauseMs === 0 ? BASE_MS : Math.min(2 * pauseMs, CAP_MS));

/** A failure of one that is open: only that of a call that began after its pause makes the next one longer. */
function failOpen(before: Breaker, opening: Opening, call: Call, error: GatewayError): Breaker {
  if (call.startedAt <= opening.at) return { ...before, opening: extend(opening, call, error) };
  const counted = countFailure(before, call.endedAt);
  if (call.startedAt >= opening.overAt) return open(counted, call, error, grow(before.pauseMs));
  const isTried = call.isTrial === true ? false : opening.isTried;
  const answersSome = opening.answersSome && !isDead(counted);
  return {
    ...counted,
    pauseMs: before.pauseMs,
    opening: { ...extend(opening, call, error), isTried, answersSome },
  };
}

const extend = (opening: Opening, { endedAt }: Call, error: GatewayError): Opening => ({
  ...opening,
  overAt: Math.max(opening.overAt, endedAt + askedMs(error)),
});

const askedMs = ({ retryAfterMs = 0 }: GatewayError): number => Math.min(retryAfterMs, CAP_MS);

function open(counted: Breaker, { endedAt }: Call, error: GatewayError, pauseMs: number): Breaker {
  const fails = keepsFailing(counted);
  const opening: Opening = {
    at: endedAt,
    overAt: endedAt + Math.max(fails || counted.opening ? pauseMs : 0, askedMs(error)),
    answersSome: fails && !isDead(counted),
    admits: fails || counted.opening?.admits === "one" ? "one" : "all",
    code: error.code === "rate_limited" ? "rate_limited" : "overloaded",
    triedAt: endedAt,
    isTried: false,
  };
  return { ...counted, pauseMs, opening };
}

/** How long until a target may be called again, in milliseconds; undefined where it may be now. */
export function openMs(breaker: Breaker | undefined, now: number): number | undefined {
  const opening = breaker?.opening;
  if (!opening) return undefined;
  if (now < opening.overAt) return opening.overAt - now;
  return opening.admits === "one" && isUnderWay(opening, now) ? BASE_MS : undefined;
}

/** Work that nobody waits for comes back at different times, spread over as long as the pause lasts. */
export const spreadMs = (waitMs: number, { pauseMs }: Breaker, roll: number): number =>
  waitMs + roll * Math.max(pauseMs, BASE_MS);

const isUnderWay = ({ isTried, triedAt }: Opening, now: number): boolean =>
  isTried && now < triedAt + LOST_MS;

/**
 * A breaker after a call was let through; undefined where it is not. Who waits asks only where there is nothing
 * better: then all may call a target that answers some of its calls, and another one is tried once a second.
 */
export function letThrough(breaker: Breaker, now: number, isAwaited: boolean): Breaker | undefined {
  const { opening } = breaker;
  if (!opening || (isAwaited && opening.answersSome)) return breaker;
  if (opening.admits === "all" && now >= opening.overAt) return breaker;
  const mayTry = isAwaited && !isUnderWay(opening, now) && now >= opening.triedAt + BASE_MS;
  if (openMs(breaker, now) !== undefined && !mayTry) return undefined;
  return { ...breaker, opening: { ...opening, triedAt: now, isTried: true } };
}
