import { API_KEY } from "../contract/api-key.ts";
import type { GatewayError } from "../contract/errors.ts";
import { sha256Hex } from "../domain/cache/cache-key.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { FindKey } from "../platform/key-store.ts";
import type { Log } from "../platform/log.ts";
import type { Caller } from "./caller.ts";

/** As many hex digits of a key's digest as tell keys apart. */
const KEY_ID_LENGTH = 16;

/** Finds the key's owner; only the key's digest goes any further. */
export async function authenticate(
  headers: Headers,
  findKey: FindKey,
  log: Log,
): Promise<Result<Caller, GatewayError>> {
  const key = readKey(headers);
  if (key === null || !API_KEY.test(key)) return err({ code: "unauthenticated" });
  try {
    const digest = await sha256Hex(key);
    const record = await findKey(digest);
    if (!record) return err({ code: "unauthenticated" });
    return ok({ tenant: record.tenant, keyId: digest.slice(0, KEY_ID_LENGTH) });
  } catch (error) {
    log.warn("key_lookup_failed", { error });
    return err({ code: "overloaded" });
  }
}

/** As OpenAI's clients send it, or as Anthropic's do, or as a browser's WebSocket can: `bearer.<key>`. */
function readKey(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  const offered = /(?:^|,) *bearer\.([^ ,]+)/.exec(headers.get("sec-websocket-protocol") ?? "")?.[1];
  return bearer ?? headers.get("x-api-key") ?? offered ?? null;
}
