import type { Breaker } from "./breaker.ts";
import type { SharedBreaker } from "./provider-health-protocol.ts";

/**
 * How long at most a target is left alone because another isolate says so, in milliseconds: that one may be alone
 * with its trouble, and then a call of this one finds out, and says so in turn.
 */
const MOST_MS = 10_000;

/**
 * A breaker after another isolate has told how it has set its own. One that it opened opens here, half as it were:
 * one call finds out when it is over. One that it closed lets one call through here at once. What this isolate has
 * heard itself since then counts for more. Pure; times are milliseconds since the epoch.
 */
export function adoptBreaker(
  before: Breaker | undefined,
  { at, openUntil, code }: SharedBreaker,
  now: number,
): Breaker | undefined {
  const opening = before?.opening;
  if (openUntil === 0)
    return before && opening && at > opening.at
      ? { ...before, opening: { ...opening, overAt: Math.min(opening.overAt, now), admits: "one" } }
      : before;
  if (opening || openUntil <= now || (before && at <= before.closedAt)) return before;
  return {
    ...(before ?? NEW),
    opening: {
      at,
      overAt: Math.min(openUntil, now + MOST_MS),
      answersSome: false,
      admits: "one",
      code,
      triedAt: now,
      isTried: false,
    },
  };
}

const NEW: Omit<Breaker, "opening"> = {
  failures: 0,
  since: 0,
  calls: 0,
  failed: 0,
  pauseMs: 0,
  closedAt: -Infinity,
};

/** What to tell others of a change: undefined where it neither opened nor closed. */
export function tellChange(
  name: string,
  before: Breaker | undefined,
  after: Breaker | undefined,
  now: number,
): SharedBreaker | undefined {
  const opened = after?.opening;
  if (opened)
    return before?.opening?.overAt === opened.overAt
      ? undefined
      : { name, at: opened.at, openUntil: opened.overAt, code: opened.code };
  return before?.opening ? { name, at: now, openUntil: 0, code: before.opening.code } : undefined;
}
