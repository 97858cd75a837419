import type { GatewayError } from "../contract/errors.ts";
import { parseJson } from "../domain/requests/parse-json.ts";
import { err, type Result } from "../domain/result.ts";
import { readText } from "../streams/read-bounded.ts";

/** Reads a request's JSON, refusing what is too large while it arrives, not after. */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
): Promise<Result<unknown, GatewayError>> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "application/json" && !type.endsWith("+json")) return err({ code: "unsupported_media_type" });
  const read = await readText(request, maxBytes).catch(() => null);
  if (read === null)
    return err({ code: "invalid_json", message: "The body is not UTF-8 text, or was cut short." });
  if (read !== undefined) return parseJson(read.text);
  return err({ code: "payload_too_large", message: `The body is larger than ${maxBytes} bytes.` });
}
