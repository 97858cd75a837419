import type { CacheEntry } from "../contract/cache-entry.ts";
import type { CacheDirectives } from "../domain/cache/cache-directives.ts";
import type { Reach } from "../domain/cache/cache-reach.ts";
import { judgeLifetime, type Verdict } from "../domain/cache/freshness.ts";
import type { CacheTier } from "./cache-tiers.ts";
import type { Log } from "./log.ts";

export interface Found {
  readonly entry: CacheEntry;
  readonly tier: CacheTier["name"];
  readonly verdict: Exclude<Verdict, "unusable">;
}

export interface Lookup {
  readonly key: string;
  readonly directives: CacheDirectives;
  readonly reach: Reach;
}

/**
 * The tiers, nearest first, as one cache. A tier that fails is a miss and a line in the log, never a failed
 * request.
 */
export interface TieredCache {
  /** Looks in the nearest tier first; a stale entry is served only where no farther tier has a fresh one. */
  find(lookup: Lookup, now: number, roll: number): Promise<Found | undefined>;
  /** What the nearest tier has fresh, without waiting. */
  peek(lookup: Omit<Lookup, "reach">, now: number, roll: number): Found | undefined;
  /** Puts an entry into the tiers nearer than the one it was found in. */
  promote(key: string, found: Found): Promise<void>;
  store(key: string, entry: CacheEntry, reach: Reach): Promise<void>;
}

/** The platform refuses larger KV values. */
const MAX_KV_BYTES = 25 * 1024 * 1024;

export function createTieredCache(tiers: readonly CacheTier[], log: Log): TieredCache {
  const read = (tier: CacheTier, key: string) =>
    tier.get(key).catch((error: unknown) => {
      log.warn("cache_read_failed", { tier: tier.name, error });
      return undefined;
    });
  const write = (tier: CacheTier, key: string, entry: CacheEntry) =>
    tier
      .put(key, entry)
      .catch((error: unknown) => log.warn("cache_write_failed", { tier: tier.name, error }));

  const within = (reach: Reach) => tiers.slice(0, tiers.findIndex(({ name }) => name === reach) + 1);

  return {
    peek({ key, directives }, now, roll) {
      const [nearest] = tiers;
      const entry = nearest?.peek?.(key);
      if (!nearest || !entry || judgeLifetime(entry.meta, directives, now, roll) !== "fresh")
        return undefined;
      return { entry, tier: nearest.name, verdict: "fresh" };
    },
    async find({ key, directives, reach }, now, roll) {
      let best: Found | undefined;
      for (const tier of within(reach)) {
        const entry = await read(tier, key);
        const verdict = entry ? judgeLifetime(entry.meta, directives, now, roll) : "unusable";
        if (!entry || verdict === "unusable") continue;
        if (verdict !== "stale") return { entry, tier: tier.name, verdict };
        best ??= { entry, tier: tier.name, verdict };
      }
      return best;
    },
    async promote(key, { entry, tier }) {
      const nearer = within(tier).slice(0, -1);
      await Promise.all(nearer.map((each) => write(each, key, entry)));
    },
    async store(key, entry, reach) {
      const takes = (tier: CacheTier) => tier.name !== "kv" || entry.bytes.byteLength <= MAX_KV_BYTES;
      await Promise.all(
        within(reach)
          .filter(takes)
          .map((tier) => write(tier, key, entry)),
      );
    },
  };
}
