import type { StreamEvent } from "../../domain/routing/adapter.ts";
import { asObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";

/** One event of a message stream; only its type has been checked. */
export type MessageEvent = JsonObject & { readonly type: string };

/**
 * Reads an event's data; undefined where it is not an event. Without a schema, for there is about one event
 * for each token, and its reader checks every field that it uses.
 */
export function parseEvent(data: string): MessageEvent | undefined {
  const event = readJsonObject(data);
  return typeof event?.["type"] === "string" ? (event as MessageEvent) : undefined;
}

/** The statuses that Anthropic's types of errors have elsewhere: https://platform.claude.com/docs/en/api/errors */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};

/** What an `error` event says. */
export function readErrorEvent(event: MessageEvent): Extract<StreamEvent, { kind: "error" }> {
  const { type, message } = asObject(event["error"]);
  const reason = [type, message].filter((part) => typeof part === "string").join(": ") || "unnamed";
  const status = (typeof type === "string" && STATUSES[type]) || 500;
  return {
    kind: "error",
    reason,
    inForm: true,
    told: { status, ...(typeof message === "string" ? { message } : {}) },
  };
}
