import { buildErrorBody, ERRORS, type GatewayError } from "../contract/errors.ts";
import { isAnthropic, type Task } from "../contract/requests.ts";
import { writeEvent } from "../domain/answers/server-sent-events.ts";

/**
 * A failure's body: in OpenAI's shape, or under Anthropic's API in that one's, with the same fields inside but
 * its own types, by which its clients tell errors.
 */
export function writeErrorBody(error: GatewayError, requestId: string, task: Task | undefined): object {
  const body = buildErrorBody(error, requestId);
  if (!isAnthropic(task)) return body;
  return { type: "error", error: { ...body.error, type: nameForAnthropic(error) }, request_id: requestId };
}

/** Under Anthropic's API, what is overloaded has a status of its own, by which its clients tell it. */
export const findStatus = ({ code }: GatewayError, task: Task | undefined): number =>
  code === "overloaded" && isAnthropic(task) ? 529 : ERRORS[code].status;

/** Anthropic's types: https://platform.claude.com/docs/en/api/errors */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

function nameForAnthropic({ code }: GatewayError): string {
  const { status } = ERRORS[code];
  if (code === "not_configured") return "api_error";
  return ANTHROPIC_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

/** The events that a broken stream ends with, as clients of its task know them; `sent` events came before. */
export function writeErrorEvent(
  error: GatewayError,
  requestId: string,
  task: Task | undefined,
  sent: number,
): string {
  const body = writeErrorBody(error, requestId, task);
  if (isAnthropic(task)) return writeEvent(JSON.stringify(body), "error");
  if (task !== "responses") return writeEvent(JSON.stringify(body));
  return writeFailedResponse(error, requestId, sent);
}

/** OpenAI ends a failed response by both: its own clients stop at the first, agents look for the second. */
function writeFailedResponse(error: GatewayError, requestId: string, sent: number): string {
  const { error: told } = buildErrorBody(error, requestId);
  const { code, message } = told;
  const response = {
    object: "response",
    status: "failed",
    error: { code, message },
    output: [],
    usage: null,
  };
  const write = (event: { readonly type: string; readonly [field: string]: unknown }) =>
    writeEvent(JSON.stringify(event), event.type);
  return (
    write({ ...told, type: "error", sequence_number: sent }) +
    write({ type: "response.failed", sequence_number: sent + 1, response })
  );
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** How many events end in these bytes: each ends with an empty line. */
export function countEvents(bytes: Uint8Array): number {
  let count = 0;
  let lineLength = -1;
  for (const byte of bytes) {
    if (byte === LINE_FEED) {
      if (lineLength === 0) count++;
      lineLength = 0;
    } else if (byte !== CARRIAGE_RETURN) lineLength = 1;
  }
  return count;
}
