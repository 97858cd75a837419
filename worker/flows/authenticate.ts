import { API_KEY } from "../contract/api-key.ts";
import type { GatewayError } from "../contract/errors.ts";
import { sha256Hex } from "../domain/cache-key.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { FindKey } from "../platform/key-store.ts";
import type { Log } from "../platform/log.ts";

/** Who is asking. Nothing a client sends but its key decides it. */
export interface Principal {
  readonly tenant: string;
}

/** Takes an Authorization header; only the key's digest goes any further. */
export async function authenticate(
  header: string | null,
  findKey: FindKey,
  log: Log,
): Promise<Result<Principal, GatewayError>> {
  const key = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (key === undefined || !API_KEY.test(key)) return err({ code: "unauthenticated" });
  try {
    const record = await findKey(await sha256Hex(key));
    return record ? ok({ tenant: record.tenant }) : err({ code: "unauthenticated" });
  } catch (error) {
    log.warn("key_lookup_failed", { error });
    return err({ code: "overloaded" });
  }
}
