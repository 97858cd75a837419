import type { CacheConfig } from "../../contract/config/config.ts";
import type { Target } from "../routing/catalog.ts";

/**
 * The farthest tier an answer is stored in: the isolate's memory, the data centre's cache, or KV everywhere.
 */
export type Reach = "memory" | "colo" | "kv";

/**
 * The Worker computes this many texts itself in less time than a look-up in the data centre's cache
 * takes: some 15 µs each for a sentence, against a few hundred.
 */
const QUICK_TEXTS = 8;

export interface Carried {
  readonly cache: CacheConfig | false;
  readonly target: Pick<Target, "runsIn">;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Decides the reach by what a hit is worth. What the Worker computes faster than it could look it up stays in
 * memory. Everything else goes to the data centre's cache, which costs nothing, and to KV where a hit saves
 * more than the write costs, or the config says so.
 */
export function decideReach({ cache, target, body }: Carried, isWorthKv: () => boolean): Reach {
  if (cache === false) return "memory";
  if (cache.kv === "always") return "kv";
  if (target.runsIn === "worker" && countTexts(body) < QUICK_TEXTS) return "memory";
  return cache.kv === "auto" && isWorthKv() ? "kv" : "colo";
}

function countTexts(body: Carried["body"]): number {
  const texts = body["input"] ?? body["documents"];
  return Array.isArray(texts) ? texts.length : 1;
}
