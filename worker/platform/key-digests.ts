import { ByteBoundedMap, ITEM_OVERHEAD_BYTES } from "./byte-bounded-map.ts";

/** What the map counts for a digest of 64 characters under a key of 32, the shortest there is. */
const LEAST_BYTES = 64 + 32 * 2 + ITEM_OVERHEAD_BYTES;

/**
 * The SHA-256 in hex of the keys used last, by the key itself: at most 1,000. A digest never changes, and
 * what a key may do is looked up elsewhere, so entries need no expiry.
 */
export const keyDigests = new ByteBoundedMap<string>(1000 * LEAST_BYTES);
