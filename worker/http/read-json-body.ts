import type { GatewayError } from "../contract/errors.ts";
import type { ArrivingBody } from "../domain/requests/arriving-bodies.ts";
import { type ContentCoding, readContentCoding } from "../domain/requests/content-coding.ts";
import { parseJson } from "../domain/requests/parse-json.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { RequestCall } from "../flows/call.ts";
import { LateBody, type Patience } from "../streams/body-patience.ts";
import { readText } from "../streams/read-bounded.ts";
import type { Gateway } from "./gateway.ts";

/** How much a request's JSON may have, in bytes, and how long it is waited for. */
export interface JsonLimits extends Omit<Patience, "mustGiveWay"> {
  readonly requestBytes: number;
  /** For a body with pictures, sound or files in base64. */
  readonly mediaBytes: number;
  /** Opens the account of what is held of the body until all of it is there. */
  readonly openAccount: (giveWay: () => void) => ArrivingBody;
}

/** The limits of a deployment, for a call. */
export const limitsFor = (
  { deadline, caller }: Pick<RequestCall, "deadline" | "caller">,
  { release, services, arriving }: Gateway,
): JsonLimits => ({
  ...release.config.limits,
  deadlineAt: deadline.at,
  now: services.now,
  openAccount: (giveWay) => arriving.open(caller.tenant, giveWay),
});

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
  { requestBytes, mediaBytes, openAccount, ...patience }: JsonLimits,
): Promise<Result<string, GatewayError>> {
  const type = request.headers.get("content-type") ?? "";
  if (type !== "application/json" && !isJson(type)) return err({ code: "unsupported_media_type" });
  const coding = readContentCoding(request.headers.get("content-encoding"));
  if (!coding.ok) return coding;
  const wait = Promise.withResolvers<never>();
  // It may have to give way between two reads.
  wait.promise.catch(() => undefined);
  const account = openAccount(() => wait.reject(new LateBody("overloaded")));
  const read = await readText(request, requestBytes, {
    wider: { maxBytes: mediaBytes, isFor: holdsMedia },
    patience: { ...patience, mustGiveWay: wait.promise },
    coding: coding.value,
    onBytes: (bytes) => account.grow(bytes),
  })
    .catch(tellBroken(coding.value))
    .finally(() => account.close());
  if (read !== undefined && "code" in read) return err(read);
  if (read !== undefined) return ok(read.text);
  return err({ code: "payload_too_large", message: tellLimits({ requestBytes, mediaBytes }) });
}

const tellBroken =
  (coding: ContentCoding | undefined) =>
  (error: unknown): GatewayError => {
    if (error instanceof LateBody) return { code: error.code };
    const text = coding ? `UTF-8 text in ${coding}` : "UTF-8 text";
    return { code: "invalid_json", message: `The body is not ${text}, or was cut short.` };
  };

/** Media in base64: a data URL, or the field beside which Anthropic, OpenAI and Google put the bare base64. */
const holdsMedia = (text: string): boolean =>
  /;base64,|"type" ?: ?"base64"|"(?:input_audio|inline_?data|file_data)" ?:/i.test(text);

const tellLimits = ({ requestBytes, mediaBytes }: Pick<JsonLimits, "requestBytes" | "mediaBytes">): string =>
  mediaBytes > requestBytes
    ? `The body is larger than ${requestBytes} bytes (${mediaBytes} with media in base64).`
    : `The body is larger than ${requestBytes} bytes.`;

/** Whether a content type, its parameters aside, is JSON's or of its family. */
function isJson(contentType: string): boolean {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || type.endsWith("+json");
}
