import { sha256Hex } from "../domain/cache/cache-key.ts";
import type { Log } from "./log.ts";

/**
 * The receivers that have answered 410. Where storage fails, that is logged, and the receiver is called
 * again.
 */
export interface DisabledWebhooks {
  has(tenant: string, url: string): Promise<boolean>;
  add(tenant: string, url: string): Promise<void>;
}

/** How long a receiver is not called. */
const DISABLED_SECONDS = 86_400;
/** KV's shortest: how long a data centre may go on calling one that another has disabled. */
const KV_CACHE_SECONDS = 30;

export function createDisabledWebhooks(kv: KVNamespace, log: Log): DisabledWebhooks {
  const tolerate = async <T>(work: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      log.warn("webhook_storage_failed", { error });
      return otherwise;
    }
  };
  return {
    async has(tenant, url) {
      const found = kv.get(await nameKey(tenant, url), { cacheTtl: KV_CACHE_SECONDS });
      return (await tolerate(found, null)) !== null;
    },
    async add(tenant, url) {
      const put = kv.put(await nameKey(tenant, url), "", { expirationTtl: DISABLED_SECONDS });
      await tolerate(put, undefined);
    },
  };
}

/** URLs hold what only their owners should read, so they are stored as digests. */
const nameKey = async (tenant: string, url: string): Promise<string> =>
  `webhook-gone:${await sha256Hex(`${tenant}\n${url}`)}`;
