import type { GatewayError } from "../contract/errors.ts";
import { parseJson } from "../domain/requests/parse-json.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { readText } from "../streams/read-bounded.ts";

/** Reads a request's JSON, refusing what is too large while it arrives, not after. */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
): Promise<Result<unknown, GatewayError>> {
  const text = await readJsonText(request, maxBytes);
  return text.ok ? parseJson(text.value) : text;
}

/** Reads the text of a request's JSON, not yet parsed. */
export async function readJsonText(
  request: Request,
  maxBytes: number,
): Promise<Result<string, GatewayError>> {
  const type = request.headers.get("content-type") ?? "";
  if (type !== "application/json" && !isJson(type)) return err({ code: "unsupported_media_type" });
  const read = await readText(request, maxBytes).catch(() => null);
  if (read === null)
    return err({ code: "invalid_json", message: "The body is not UTF-8 text, or was cut short." });
  if (read !== undefined) return ok(read.text);
  return err({ code: "payload_too_large", message: `The body is larger than ${maxBytes} bytes.` });
}

/** Whether a content type, its parameters aside, is JSON's or of its family. */
function isJson(contentType: string): boolean {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || type.endsWith("+json");
}
