import { API_KEY } from "../contract/api-key.ts";
import type { GatewayError } from "../contract/errors.ts";
import { sha256Hex } from "../domain/cache/cache-key.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { keyDigests } from "../platform/key-digests.ts";
import type { FindKey } from "../platform/key-store.ts";
import type { Log } from "../platform/log.ts";
import type { Caller } from "./caller.ts";

/** Hex digits of a key's digest that are enough to tell keys apart. */
const KEY_ID_LENGTH = 16;
const UNAUTHENTICATED = err({ code: "unauthenticated" } as const);

/** Finds the key's owner; only the key's digest goes any further. */
export async function authenticate(
  headers: Headers,
  findKey: FindKey,
  log: Log,
): Promise<Result<Caller, GatewayError>> {
  const key = readKey(headers);
  if (key === null || !API_KEY.test(key)) return UNAUTHENTICATED;
  try {
    const digest = keyDigests.get(key) ?? (await digestKey(key));
    const grant = await findKey(digest);
    if (!grant) return UNAUTHENTICATED;
    return ok({ tenant: grant.tenant, keyId: digest.slice(0, KEY_ID_LENGTH), scopes: grant.scopes });
  } catch (error) {
    log.warn("key_lookup_failed", { error });
    return err({ code: "overloaded" });
  }
}

/** The digest of a key, remembered for the next request that bears it. */
async function digestKey(key: string): Promise<string> {
  const digest = await sha256Hex(key);
  keyDigests.set(key, digest, digest.length);
  return digest;
}

/** As OpenAI's clients send it, or as Anthropic's do, or as a browser's WebSocket can: `bearer.<key>`. */
function readKey(headers: Headers): string | null {
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  return bearer ?? headers.get("x-api-key") ?? readOffered(headers.get("sec-websocket-protocol"));
}

const readOffered = (protocols: string | null): string | null =>
  protocols === null ? null : (/(?:^|,) *bearer\.([^ ,]+)/.exec(protocols)?.[1] ?? null);
