import type { CacheEntry } from "../contract/cache-entry.ts";
import type { CacheDirectives } from "../domain/cache-directives.ts";
import { judgeLifetime, type Verdict } from "../domain/freshness.ts";
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
  /** Whether KV is worth a read for this route. */
  readonly kv: boolean;
}

/**
 * The tiers as one cache. A tier that fails is a miss and a line in the log, never a failed request.
 */
export interface TieredCache {
  /** Nearest first; what is stale near by is served only where no farther tier has it fresh. */
  find(lookup: Lookup, now: number, roll: number): Promise<Found | undefined>;
  /** Puts an entry into the tiers nearer than the one it was found in. */
  promote(key: string, found: Found): Promise<void>;
  store(key: string, entry: CacheEntry, kv: boolean): Promise<void>;
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

  return {
    async find({ key, directives, kv }, now, roll) {
      let best: Found | undefined;
      for (const tier of tiers) {
        if (tier.name === "kv" && !kv) continue;
        const entry = await read(tier, key);
        const verdict = entry ? judgeLifetime(entry.meta, directives, now, roll) : "unusable";
        if (!entry || verdict === "unusable") continue;
        if (verdict !== "stale") return { entry, tier: tier.name, verdict };
        best ??= { entry, tier: tier.name, verdict };
      }
      return best;
    },
    async promote(key, { entry, tier }) {
      const nearer = tiers.slice(
        0,
        tiers.findIndex(({ name }) => name === tier),
      );
      await Promise.all(nearer.map((each) => write(each, key, entry)));
    },
    async store(key, entry, kv) {
      const takes = (tier: CacheTier) => tier.name !== "kv" || (kv && entry.bytes.byteLength <= MAX_KV_BYTES);
      await Promise.all(tiers.filter(takes).map((tier) => write(tier, key, entry)));
    },
  };
}
