import * as z from "zod/mini";
import { type ApiKeyRecord, apiKeyRecord } from "../contract/api-key.ts";
import { ByteBoundedMap } from "./byte-bounded-map.ts";

/**
 * Finds the record of a key by its SHA-256 in hex; undefined for a key that is not known (any more).
 * Throws where storage does not answer.
 */
export type FindKey = (digest: string) => Promise<ApiKeyRecord | undefined>;

export interface KeyStoreOptions {
  readonly kv: KVNamespace;
  /** The digest of the key that needs no KV: the deployment's own secret. */
  readonly bootstrapDigest: string | undefined;
  readonly now: () => number;
}

/**
 * A revoked key dies within a minute: 30 s in the isolate's memory on top of the 30 s that KV's own
 * edge cache may hold it. Unknown keys are remembered too, so that guessing costs no KV reads.
 */
const REMEMBER_MS = 30_000;
const KV_CACHE_SECONDS = 30;
const MEMORY_BYTES = 1024 * 1024;

interface Remembered {
  readonly record: ApiKeyRecord | undefined;
  readonly until: number;
}

export function createKeyStore({ kv, bootstrapDigest, now }: KeyStoreOptions): FindKey {
  const known = new ByteBoundedMap<Remembered>(MEMORY_BYTES);
  const bootstrap: ApiKeyRecord = { tenant: "default", name: "bootstrap", createdAt: "" };
  return async (digest) => {
    if (bootstrapDigest !== undefined && isEqual(digest, bootstrapDigest)) return bootstrap;
    const remembered = known.get(digest);
    if (remembered && now() < remembered.until) return remembered.record;
    const value = await kv.get(`key:${digest}`, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    const parsed = z.safeParse(apiKeyRecord, value);
    const record = parsed.success ? parsed.data : undefined;
    known.set(digest, { record, until: now() + REMEMBER_MS }, 300);
    return record;
  };
}

/** Compares two digests in a time that tells nothing of where they differ. */
function isEqual(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.byteLength === right.byteLength && crypto.subtle.timingSafeEqual(left, right);
}
