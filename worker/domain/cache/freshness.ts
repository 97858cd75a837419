import type { CacheDirectives } from "./cache-directives.ts";

/** When an entry was made and how long it is good for; times are milliseconds since the epoch. */
export interface Lifetime {
  readonly storedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** How long the answer took to make; the slower, the earlier it is refreshed. */
  readonly madeInMs: number;
}

/** `early` and `stale` entries are served at once while one request refreshes them in the background. */
export type Verdict = "fresh" | "early" | "stale" | "unusable";

/** Weight of the early refresh; 1 is the optimum of the paper below. */
const BETA = 1;

/**
 * Judges an entry for one request. `roll` is uniform in (0, 1]. The early refresh is XFetch:
 * Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015:
 * refresh when now - madeIn * beta * ln(roll) >= expiry.
 */
export function judgeLifetime(
  life: Lifetime,
  directives: CacheDirectives,
  now: number,
  roll: number,
): Verdict {
  const remainingMs = life.freshUntil - now;
  if (directives.maxAge !== undefined && now - life.storedAt > directives.maxAge * 1000) return "unusable";
  if (directives.minFresh !== undefined && remainingMs < directives.minFresh * 1000) return "unusable";
  if (remainingMs > 0) return -life.madeInMs * BETA * Math.log(roll) >= remainingMs ? "early" : "fresh";
  if (directives.maxStale !== undefined)
    return -remainingMs <= directives.maxStale * 1000 ? "stale" : "unusable";
  if (directives.maxAge !== undefined) return "unusable";
  return now < life.staleUntil ? "stale" : "unusable";
}
