import { ByteBoundedMap, ITEM_OVERHEAD_BYTES } from "./byte-bounded-map.ts";

/** What the map counts for a digest of 64 characters under a key of 32, the shortest there is. */
const LEAST_BYTES = 64 + 32 * 2 + ITEM_OVERHEAD_BYTES;

/**
 * The SHA-256 in hex of the keys that came last, by the key itself: at most 1,000. They say nothing of
 * what a key may do, so nothing in them grows old.
 */
export const keyDigests = new ByteBoundedMap<string>(1000 * LEAST_BYTES);
