import canonicalize from "canonicalize";
import type { Task } from "../../contract/requests.ts";

/** Raised when the meaning of an entry's contents changes, so that old entries are never read. */
const SCHEMA_VERSION = 1;

/**
 * Fields that cannot change the answer. Everything else is hashed, so that an unknown parameter gives another
 * key. (`model` is the route's name; the target's model is hashed.)
 */
const INERT = new Set(["model", "stream", "stream_options", "user", "metadata", "store"]);

/** Whether a field cannot change the answer of any task but the Responses API's. */
export const isInert = (name: string): boolean => INERT.has(name);

/** Those of them that the Responses API repeats in its answer, and that therefore change it. */
const ECHOED = new Set(["user", "metadata", "store"]);

export interface KeyParts {
  readonly tenant: string;
  readonly task: Task;
  readonly provider: string;
  readonly model: string;
  /** A recorded stream and a whole answer are entries of their own. */
  readonly streamed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the request's headers ask of the answer; absent where they ask nothing. */
  readonly betas?: Readonly<Record<string, string>>;
}

/** SHA-256, in hex, of the canonical JSON (RFC 8785) of all that decides an answer. */
export async function buildCacheKey(parts: KeyParts): Promise<string> {
  const body = Object.fromEntries(Object.entries(parts.body).filter(([name]) => counts(name, parts.task)));
  return sha256Hex(canonicalize({ ...parts, body, schema: SCHEMA_VERSION }) ?? "");
}

const counts = (name: string, task: Task) => !isInert(name) || (task === "responses" && ECHOED.has(name));

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const encoder = new TextEncoder();

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  let hex = "";
  for (const byte of new Uint8Array(digest)) hex += HEX[byte];
  return hex;
}
