import type { SharedBreaker } from "../../worker/domain/resilience/provider-health-protocol.ts";

/** The most targets of a provider of which something is known; past it, the oldest word is forgotten. */
const MAX_BREAKERS = 200;
/** What was told so long ago says nothing any more: no breaker is open for longer. */
const KEPT_MS = 600_000;
const MAX_NAME = 300;

/**
 * Joins news with what is known of a provider's breakers: of two words about one target the later counts, and none
 * is of the future, whatever the clock of its isolate says. Pure; times are milliseconds since the epoch.
 */
export function joinBreakers(
  known: readonly SharedBreaker[],
  news: readonly SharedBreaker[],
  now: number,
): readonly SharedBreaker[] {
  const latest = new Map<string, SharedBreaker>();
  for (const told of [...known, ...news]) {
    const before = latest.get(told.name);
    const breaker = told.at > now ? { ...told, at: now } : told;
    const isNewer = !before || breaker.at >= before.at;
    if (isNewer && breaker.at > now - KEPT_MS && told.name.length <= MAX_NAME) latest.set(told.name, breaker);
  }
  return [...latest.values()].toSorted((one, other) => other.at - one.at).slice(0, MAX_BREAKERS);
}
