import type { GatewayError } from "../../contract/errors.ts";
import { err, ok, type Result } from "../result.ts";

/** A coding of a request's body that is read. */
export type ContentCoding = "gzip" | "deflate";

const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/**
 * Reads `Content-Encoding` (RFC 9110, section 8.4): the coding, undefined where there is none. Another one, or more
 * than one, is refused with what is read.
 */
export function readContentCoding(header: string | null): Result<ContentCoding | undefined, GatewayError> {
  if (header === null) return ok(undefined);
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  const [name, ...more] = names.filter((one) => one !== "" && one !== "identity");
  const coding = name === undefined ? undefined : CODINGS.get(name);
  if (more.length === 0 && (name === undefined || coding)) return ok(coding);
  return refuseCoding("Content-Encoding: only one of gzip and deflate is read.", "gzip, deflate");
}

/** Refuses a coding; `accepted` is what the answer names as `Accept-Encoding` (RFC 9110, section 15.5.16). */
export const refuseCoding = (message: string, accepted: string): Result<never, GatewayError> =>
  err({ code: "unsupported_media_type", message, acceptEncoding: accepted });
