/** What an endpoint answers, before any fault has had a go at it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type Reply =
  | { readonly kind: "json"; readonly status: number; readonly body: JsonObject }
  /** `done: false`: the stream just ends, without [DONE]. */
  | { readonly kind: "stream"; readonly events: readonly JsonObject[]; readonly done?: false }
  | { readonly kind: "bytes"; readonly contentType: string; readonly parts: readonly Buffer[] };

/** A JSON reply with status 200. */
export function ok(body: JsonObject): Reply {
  return { kind: "json", status: 200, body };
}

/** A reply in OpenAI's error shape. */
export function failure(status: number, message: string, code: string): Reply {
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  return { kind: "json", status, body: { error: { message, type, param: null, code } } };
}

/** Narrows unknown JSON to an object; anything else becomes an empty one. */
export function asObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The tokens of a text, for a provider whose tokens are words. */
export function countTokens(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== "").length;
}

/** A text, or nothing where it is none. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
