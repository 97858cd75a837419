import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** One event of a message stream, of which no more is known than that it has a type. */
export type MessageEvent = JsonObject & { readonly type: string };

/**
 * Reads an event's data; undefined where it is none. Not by a schema: there is one for each token or
 * so, and its reader looks at every field that it takes.
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
