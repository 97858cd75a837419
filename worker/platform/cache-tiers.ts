import * as z from "zod/mini";
import { type CacheEntry, type EntryMeta, entryMetaSchema } from "../contract/cache-entry.ts";
import { ByteBoundedMap } from "./byte-bounded-map.ts";

/** A place where answers are kept. Reading gives undefined for a miss; either may throw. */
export interface CacheTier {
  readonly name: "memory" | "colo" | "kv";
  get(key: string): Promise<CacheEntry | undefined>;
  put(key: string, entry: CacheEntry): Promise<void>;
  /** As `get`, without waiting; only where nothing has to be waited for. */
  peek?(key: string): CacheEntry | undefined;
}

/** The isolate's own memory: nearest, free, gone with the isolate. */
export function createMemoryTier(maxBytes: number): CacheTier & { sizeBytes(): number } {
  const entries = new ByteBoundedMap<CacheEntry>(maxBytes);
  return {
    name: "memory",
    get: (key) => Promise.resolve(entries.get(key)),
    peek: (key) => entries.get(key),
    put: (key, entry) => Promise.resolve(entries.set(key, entry, entry.bytes.byteLength + META_BYTES)),
    sizeBytes: () => entries.sizeBytes,
  };
}

/** About what an entry's meta takes in memory. */
const META_BYTES = 300;

/** The data centre's Cache API: free, shared by its isolates. Freshness is ours, its TTL the stale limit. */
export function createColoTier(cache: () => Cache, now: () => number): CacheTier {
  return {
    name: "colo",
    async get(key) {
      const response = await cache().match(coloUrl(key));
      if (!response) return undefined;
      const meta = readMeta(response.headers.get(META_HEADER));
      if (meta) return { meta, bytes: new Uint8Array(await response.arrayBuffer()) };
      await response.body?.cancel();
      return undefined;
    },
    async put(key, { meta, bytes }) {
      const headers = {
        [META_HEADER]: JSON.stringify(meta),
        "cache-control": `max-age=${secondsLeft(meta, now())}`,
      };
      await cache().put(coloUrl(key), new Response(bytes, { headers }));
    },
  };
}

const META_HEADER = "x-headrace-entry";
/** The Cache API wants a URL; nothing is ever served at this one. */
const coloUrl = (key: string) => `https://cache.headrace.invalid/${key}`;

/** KV: global, a write costs more than many an answer. The platform takes TTLs from 60 s up. */
export function createKvTier(kv: KVNamespace, now: () => number): CacheTier {
  return {
    name: "kv",
    async get(key) {
      const { value, metadata } = await kv.getWithMetadata(KV_PREFIX + key, "arrayBuffer");
      const meta = z.safeParse(entryMetaSchema, metadata);
      return value && meta.success ? { meta: meta.data, bytes: new Uint8Array(value) } : undefined;
    },
    async put(key, { meta, bytes }) {
      const expirationTtl = Math.max(MIN_KV_TTL_SECONDS, secondsLeft(meta, now()));
      await kv.put(KV_PREFIX + key, bytes, { metadata: meta, expirationTtl });
    },
  };
}

const KV_PREFIX = "cache:";
const MIN_KV_TTL_SECONDS = 60;

const secondsLeft = (meta: EntryMeta, now: number) => Math.max(1, Math.ceil((meta.staleUntil - now) / 1000));

function readMeta(text: string | null): EntryMeta | undefined {
  if (text === null) return undefined;
  const parsed = z.safeParse(entryMetaSchema, JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
