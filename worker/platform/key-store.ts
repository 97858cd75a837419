import * as z from "zod/mini";
import { apiKeyRecord } from "../contract/api-key.ts";
import type { Scope } from "../contract/endpoints.ts";
import { DEPLOYMENT_SCOPES, KEY_SCOPES } from "../domain/requests/may-call.ts";
import { ByteBoundedMap } from "./byte-bounded-map.ts";

/** Whose a key is, and what it may be used for. */
export interface KeyGrant {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

/**
 * Finds what a key grants by its SHA-256 in hex; undefined for a key that is not known (any more).
 * Throws where storage does not answer.
 */
export type FindKey = (digest: string) => Promise<KeyGrant | undefined>;

export interface KeyStoreOptions {
  readonly kv: KVNamespace;
  /** The digest of the key that needs no KV: the deployment's own secret. */
  readonly bootstrapDigest: string | undefined;
  readonly now: () => number;
}

/**
 * A revoked key is refused within a minute: 30 s in the isolate's memory on top of the 30 s that KV's own
 * edge cache may hold it. Unknown keys are remembered too, so that guessing costs no KV reads.
 */
const REMEMBER_MS = 30_000;
const KV_CACHE_SECONDS = 30;
const MEMORY_BYTES = 1024 * 1024;

interface Remembered {
  readonly grant: KeyGrant | undefined;
  readonly until: number;
}

export function createKeyStore({ kv, bootstrapDigest, now }: KeyStoreOptions): FindKey {
  const known = new ByteBoundedMap<Remembered>(MEMORY_BYTES);
  const bootstrap: KeyGrant = { tenant: "default", scopes: DEPLOYMENT_SCOPES };
  const load = async (digest: string): Promise<KeyGrant | undefined> => {
    if (bootstrapDigest !== undefined && isEqual(digest, bootstrapDigest)) return bootstrap;
    const value = await kv.get(`key:${digest}`, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    const record = z.safeParse(apiKeyRecord, value);
    return record.success ? { tenant: record.data.tenant, scopes: KEY_SCOPES } : undefined;
  };
  return async (digest) => {
    const remembered = known.get(digest);
    if (remembered && now() < remembered.until) return remembered.grant;
    const grant = await load(digest);
    known.set(digest, { grant, until: now() + REMEMBER_MS }, 300);
    return grant;
  };
}

/** Compares two digests in constant time. */
function isEqual(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.byteLength === right.byteLength && crypto.subtle.timingSafeEqual(left, right);
}
