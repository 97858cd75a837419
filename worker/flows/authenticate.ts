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

/** Finds the key's owner; only the key's digest goes any further. */
export async function authenticate(
  headers: Headers,
  findKey: FindKey,
  log: Log,
): Promise<Result<Caller, GatewayError>> {
  const { key, header } = readKey(headers);
  if (!API_KEY.test(key)) return refuse(header, MALFORMED);
  try {
    const digest = keyDigests.get(key) ?? (await digestKey(key));
    const grant = await findKey(digest);
    if (!grant) return refuse(header, UNKNOWN);
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

interface SentKey {
  readonly header: string;
  readonly key: string;
}

const NO_KEY = { header: undefined, key: "" } as const;

/**
 * As OpenAI's clients send it, as Anthropic's and Azure's do, or as a browser's WebSocket can: `bearer.<key>`.
 * Clients may fill one of these with the key of another service: the first that may be ours counts.
 */
function readKey(headers: Headers): SentKey | typeof NO_KEY {
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? null : (/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
  if (bearer !== null && API_KEY.test(bearer)) return { header: "Authorization", key: bearer };
  const sent: readonly (readonly [header: string, key: string | null])[] = [
    ["Authorization", bearer],
    ["x-api-key", headers.get("x-api-key")],
    ["api-key", headers.get("api-key")],
    ["Sec-WebSocket-Protocol", readOffered(headers.get("sec-websocket-protocol"))],
  ];
  const found = sent.flatMap(([header, key]) => (key === null ? [] : [{ header, key }]));
  return found.find(({ key }) => API_KEY.test(key)) ?? found[0] ?? NO_KEY;
}

const readOffered = (protocols: string | null): string | null =>
  protocols === null ? null : (/(?:^|,) *bearer\.([^ ,]+)/.exec(protocols)?.[1] ?? null);

const MALFORMED = "holds no key of this gateway; one begins with hr_";
const UNKNOWN = "holds a key that this gateway does not know";

/** Names the header that was read, never what is in it. */
function refuse(header: string | undefined, what: string): Result<never, GatewayError> {
  if (header === undefined) return err({ code: "unauthenticated" });
  const form = header === "Authorization" && what === MALFORMED ? "; send it as 'Bearer <key>'" : "";
  return err({ code: "unauthenticated", message: `The header ${header} ${what}${form}.` });
}
