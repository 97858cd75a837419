/**
 * Whether an answer is worth storing in KV. A write costs more than many embeddings, so it pays only where
 * (what a hit saves) x (the chance of a hit) exceeds its price.
 */

/** Cloudflare's price list, 2026-11: $5.00 per million KV writes. */
const KV_WRITE_USD = 5 / 1_000_000;

/** What a route has shown so far in this isolate. */
export interface RouteHistory {
  readonly lookups: number;
  readonly hits: number;
  readonly answers: number;
  readonly costUsd: number;
}

export const NO_HISTORY: RouteHistory = { lookups: 0, hits: 0, answers: 0, costUsd: 0 };

/** Once this many look-ups are counted, the past weighs half. */
const MEMORY_LOOKUPS = 1000;

export const addLookup = (history: RouteHistory, hit: boolean): RouteHistory => {
  const seen = history.lookups >= MEMORY_LOOKUPS ? halve(history) : history;
  return { ...seen, lookups: seen.lookups + 1, hits: seen.hits + (hit ? 1 : 0) };
};

export const addAnswer = (history: RouteHistory, costUsd: number): RouteHistory => ({
  ...history,
  answers: history.answers + 1,
  costUsd: history.costUsd + costUsd,
});

const halve = (history: RouteHistory): RouteHistory => ({
  lookups: history.lookups / 2,
  hits: history.hits / 2,
  answers: history.answers / 2,
  costUsd: history.costUsd / 2,
});

/** The mean of a Beta(1, 9) prior, a tenth, moved by what was seen. */
const hitChance = (history: RouteHistory) => (history.hits + 1) / (history.lookups + 10);

/** Whether an answer of this cost should be written. */
export const isWorthWriting = (history: RouteHistory, costUsd: number): boolean =>
  costUsd * hitChance(history) > KV_WRITE_USD;

/** Whether to look in KV: where a route's mean answer is not worth a write, hardly any has been written. */
export const isWorthReading = (history: RouteHistory): boolean =>
  history.answers === 0 || isWorthWriting(history, history.costUsd / history.answers);
