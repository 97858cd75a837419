import type { GatewayError } from "../contract/errors.ts";
import { parseJson } from "../domain/requests/parse-json.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { readText } from "../streams/read-bounded.ts";

/** How much a request's JSON may have, in bytes. */
export interface JsonLimits {
  readonly requestBytes: number;
  /** For a body with pictures, sound or files in base64. */
  readonly mediaBytes: number;
}

/** Reads a request's JSON, refusing what is too large while it arrives, not after. */
export async function readJsonBody(
  request: Request,
  limits: JsonLimits,
): Promise<Result<unknown, GatewayError>> {
  const text = await readJsonText(request, limits);
  return text.ok ? parseJson(text.value) : text;
}

/** Reads the text of a request's JSON, not yet parsed. */
export async function readJsonText(
  request: Request,
  { requestBytes, mediaBytes }: JsonLimits,
): Promise<Result<string, GatewayError>> {
  const type = request.headers.get("content-type") ?? "";
  if (type !== "application/json" && !isJson(type)) return err({ code: "unsupported_media_type" });
  const wider = { maxBytes: mediaBytes, isFor: holdsMedia };
  const read = await readText(request, requestBytes, { wider }).catch(() => null);
  if (read === null)
    return err({ code: "invalid_json", message: "The body is not UTF-8 text, or was cut short." });
  if (read !== undefined) return ok(read.text);
  return err({ code: "payload_too_large", message: tellLimits({ requestBytes, mediaBytes }) });
}

/** Media in base64: a data URL, or the field beside which Anthropic, OpenAI and Google put the bare base64. */
const holdsMedia = (text: string): boolean =>
  /;base64,|"type" ?: ?"base64"|"(?:input_audio|inline_?data|file_data)" ?:/i.test(text);

const tellLimits = ({ requestBytes, mediaBytes }: JsonLimits): string =>
  mediaBytes > requestBytes
    ? `The body is larger than ${requestBytes} bytes (${mediaBytes} with media in base64).`
    : `The body is larger than ${requestBytes} bytes.`;

/** Whether a content type, its parameters aside, is JSON's or of its family. */
function isJson(contentType: string): boolean {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || type.endsWith("+json");
}
