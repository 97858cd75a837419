import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** One event of a message stream; only its type has been checked. */
export type MessageEvent = JsonObject & { readonly type: string };

/**
 * Reads an event's data; undefined where it is not an event. Without a schema, for there is about one event
 * for each token, and its reader checks every field that it uses.
 */
export function parseEvent(data: string): MessageEvent | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) && typeof value["type"] === "string" ? (value as MessageEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** The words of an `error` event, for the logs. */
export function readErrorEvent(event: MessageEvent): string {
  const { type, message } = asObject(event["error"]);
  return [type, message].filter((part) => typeof part === "string").join(": ") || "unnamed";
}
