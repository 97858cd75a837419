import { describe, expect, it } from "vitest";
import type { CacheEntry } from "../../../worker/contract/cache-entry.ts";
import type { Reach } from "../../../worker/domain/cache/cache-reach.ts";
import { type CacheDirectives, NO_DIRECTIVES } from "../../../worker/domain/cache/cache-directives.ts";
import { type CacheTier, createMemoryTier } from "../../../worker/platform/cache-tiers.ts";
import type { Log } from "../../../worker/platform/log.ts";
import { createTieredCache } from "../../../worker/platform/tiered-cache.ts";

/** A tier as the port has it: a map, which fails when it is told to. */
class MapTier implements CacheTier {
  readonly name: CacheTier["name"];
  readonly entries = new Map<string, CacheEntry>();
  reads = 0;
  failing = false;

  constructor(name: CacheTier["name"]) {
    this.name = name;
  }

  async get(key: string) {
    this.reads++;
    if (this.failing) throw new Error(`${this.name} is down`);
    return this.entries.get(key);
  }

  async put(key: string, entry: CacheEntry) {
    if (this.failing) throw new Error(`${this.name} is down`);
    this.entries.set(key, entry);
  }
}

/** Three tiers as one cache, with what was logged. */
function build() {
  const [memory, colo, kv] = [new MapTier("memory"), new MapTier("colo"), new MapTier("kv")] as const;
  const logged: [string, unknown][] = [];
  const log: Log = {
    warn: (event, fields) => logged.push([event, fields["tier"]]),
    info: () => {},
  };
  const cache = createTieredCache([memory, colo, kv], log);
  const find = (change: { directives?: Partial<CacheDirectives>; reach?: Reach; roll?: number } = {}) =>
    cache.find(
      { key: "key", directives: { ...NO_DIRECTIVES, ...change.directives }, reach: change.reach ?? "kv" },
      NOW,
      change.roll ?? 1,
    );
  return { memory, colo, kv, cache, find, logged };
}

const NOW = 1_000_000;

/** An entry with so much freshness left; it stays usable for a minute more. */
function entryWith(freshMs: number, sizeBytes = 2): CacheEntry {
  const freshUntil = NOW + freshMs;
  return {
    meta: {
      form: "json",
      target: "targets[0]=openai/gpt-4o-mini",
      storedAt: NOW - 10_000,
      freshUntil,
      staleUntil: freshUntil + 60_000,
      madeInMs: 100,
    },
    bytes: new Uint8Array(sizeBytes),
  };
}
const fresh = entryWith(30_000);
const stale = entryWith(-1);
const dead = entryWith(-60_000);

describe("a tiered cache's look-up", () => {
  it("misses where no tier has the key, having asked all of them", async () => {
    const { find, memory, colo, kv } = build();
    expect(await find()).toBeUndefined();
    expect([memory.reads, colo.reads, kv.reads]).toEqual([1, 1, 1]);
  });

  it("takes the nearest that is fresh and asks no farther", async () => {
    const { find, colo, kv } = build();
    colo.entries.set("key", fresh);
    kv.entries.set("key", entryWith(60_000));
    expect(await find()).toEqual({ entry: fresh, tier: "colo", verdict: "fresh" });
    expect(kv.reads).toBe(0);
  });

  it("prefers what is fresh far away to what is stale near by", async () => {
    const { find, memory, kv } = build();
    memory.entries.set("key", stale);
    kv.entries.set("key", fresh);
    expect(await find()).toEqual({ entry: fresh, tier: "kv", verdict: "fresh" });
  });

  it("takes the nearest stale one where nothing is fresh", async () => {
    const { find, colo, kv } = build();
    colo.entries.set("key", stale);
    kv.entries.set("key", entryWith(-2));
    expect(await find()).toEqual({ entry: stale, tier: "colo", verdict: "stale" });
  });

  it("passes over what is past its stale limit", async () => {
    const { find, memory, kv } = build();
    memory.entries.set("key", dead);
    expect(await find()).toBeUndefined();
    kv.entries.set("key", stale);
    expect(await find()).toMatchObject({ tier: "kv", verdict: "stale" });
  });

  it("leaves KV alone where it is not worth a read", async () => {
    const { find, kv } = build();
    kv.entries.set("key", fresh);
    expect(await find({ reach: "colo" })).toBeUndefined();
    expect(kv.reads).toBe(0);
  });

  it("judges by the request's directives and roll", async () => {
    const { find, memory } = build();
    memory.entries.set("key", fresh);
    expect(await find({ directives: { maxAge: 9 } })).toBeUndefined();
    expect(await find({ directives: { maxAge: 10 } })).toMatchObject({ verdict: "fresh" });
    expect(await find({ roll: Number.MIN_VALUE })).toMatchObject({ verdict: "early" });
  });

  it("takes a tier that fails for a miss, and notes it", async () => {
    const { find, memory, colo, kv, logged } = build();
    memory.failing = true;
    colo.failing = true;
    kv.entries.set("key", fresh);
    expect(await find()).toMatchObject({ tier: "kv" });
    expect(logged).toEqual([
      ["cache_read_failed", "memory"],
      ["cache_read_failed", "colo"],
    ]);
  });
});

describe("a tiered cache's writes", () => {
  it("put an entry into every tier, into KV only where told to", async () => {
    const { cache, memory, colo, kv } = build();
    await cache.store("a", fresh, "kv");
    await cache.store("b", fresh, "colo");
    const kept = (key: string) => [memory, colo, kv].map((tier) => tier.entries.get(key) === fresh);
    expect(kept("a")).toEqual([true, true, true]);
    expect(kept("b")).toEqual([true, true, false]);
  });

  it("spare KV what is larger than it takes", async () => {
    const { cache, kv } = build();
    const limit = 25 * 1024 * 1024;
    await cache.store("largest", entryWith(1, limit), "kv");
    await cache.store("larger", entryWith(1, limit + 1), "kv");
    expect([...kv.entries.keys()]).toEqual(["largest"]);
  });

  it("succeed where some tiers fail, and note it", async () => {
    const { cache, memory, colo, kv, logged } = build();
    colo.failing = true;
    kv.failing = true;
    await cache.store("key", fresh, "kv");
    expect(memory.entries.get("key")).toBe(fresh);
    expect(logged).toEqual([
      ["cache_write_failed", "colo"],
      ["cache_write_failed", "kv"],
    ]);
  });

  it.each<[CacheTier["name"], boolean[]]>([
    ["memory", [false, false, false]],
    ["colo", [true, false, false]],
    ["kv", [true, true, false]],
  ])("promote what was found in %s to the nearer tiers only", async (tier, expected) => {
    const { cache, memory, colo, kv } = build();
    await cache.promote("key", { entry: fresh, tier, verdict: "fresh" });
    expect([memory, colo, kv].map(({ entries }) => entries.has("key"))).toEqual(expected);
  });
});

describe("createMemoryTier", () => {
  it("gives back what was put, and nothing else", async () => {
    const tier = createMemoryTier(100_000);
    await tier.put("key", fresh);
    expect(await tier.get("key")).toBe(fresh);
    expect(await tier.get("other")).toBeUndefined();
  });

  it("stays within its bytes", async () => {
    const tier = createMemoryTier(100_000);
    for (let at = 0; at < 100; at++) await tier.put(`key ${at}`, entryWith(1, 5000));
    expect(tier.sizeBytes()).toBeLessThanOrEqual(100_000);
    expect(await tier.get("key 99")).toBeDefined();
    expect(await tier.get("key 0")).toBeUndefined();
  });
});
