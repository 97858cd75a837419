import { buildErrorBody, type GatewayError } from "../contract/errors.ts";
import type { Task } from "../contract/requests.ts";
import { writeEvent } from "../domain/answers/server-sent-events.ts";

/**
 * A failure's body, in OpenAI's shape. Under Anthropic's API it has the fields `type` and `request_id` too,
 * which is all that Anthropic's clients need: the types inside `error` are the same.
 */
export function writeErrorBody(error: GatewayError, requestId: string, task: Task | undefined): object {
  const body = buildErrorBody(error, requestId);
  return task === "messages" ? { type: "error", ...body, request_id: requestId } : body;
}

/** The event that a broken stream ends with, as clients of its task know it; `sent` events came before. */
export function writeErrorEvent(
  error: GatewayError,
  requestId: string,
  task: Task | undefined,
  sent: number,
): string {
  const body = writeErrorBody(error, requestId, task);
  if (task === "messages") return writeEvent(JSON.stringify(body), "error");
  if (task !== "responses") return writeEvent(JSON.stringify(body));
  const { error: told } = buildErrorBody(error, requestId);
  return writeEvent(JSON.stringify({ ...told, type: "error", sequence_number: sent }), "error");
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
