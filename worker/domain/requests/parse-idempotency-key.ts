import type { GatewayError } from "../../contract/errors.ts";
import { err, ok, type Result } from "../result.ts";

/** Of an RFC 8941 string: printable ASCII, with quotes and backslashes escaped. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/**
 * Reads an Idempotency-Key header: 1-255 printable ASCII characters, bare or as an RFC 8941 string, as
 * draft-ietf-httpapi-idempotency-key-header has it. Both spellings of a key are the same key; undefined
 * where there is no header.
 */
export function parseIdempotencyKey(header: string | null): Result<string | undefined, GatewayError> {
  if (header === null) return ok(undefined);
  const text = header.trim();
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted === undefined && text.startsWith('"')) return err({ code: "idempotency_key_invalid" });
  const key = quoted?.replace(/\\(["\\])/g, "$1") ?? text;
  return PRINTABLE.test(key) ? ok(key) : err({ code: "idempotency_key_invalid" });
}
