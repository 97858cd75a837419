import { HeadraceError } from "./errors.ts";
import type { HeadraceErrorFields } from "./errors.ts";

/** Removes the caller's secret from text that the server wrote. */
export type Redact = (text: string) => string;

/**
 * Parses what a server sent as JSON; undefined where it is not. `redact` is for what goes into an
 * error: it is asked about every string, which is too slow for results.
 */
export function parseServerJson(text: string, redact?: Redact): unknown {
  const clean =
    redact && ((_: string, value: unknown) => (typeof value === "string" ? redact(value) : value));
  try {
    return JSON.parse(text, clean);
  } catch {
    return undefined;
  }
}

/**
 * Builds the error of a parsed error body: OpenAI's shape with or without the gateway's fields,
 * `{"error": "text"}`, `{"message": "text"}` or `{"detail": "text"}`. What the body does not say is
 * taken from `message` and `fallback`.
 */
export function buildServerError(
  body: unknown,
  message: string,
  fallback: HeadraceErrorFields,
): HeadraceError {
  const outer = isRecord(body) ? body : {};
  const flat = { message: outer["error"] ?? outer["detail"], ...outer };
  const error: Record<string, unknown> = isRecord(outer["error"]) ? outer["error"] : flat;
  return new HeadraceError(nonEmpty(error["message"]) ?? message, {
    ...fallback,
    code: nonEmpty(error["code"]) ?? nonEmpty(error["type"]) ?? fallback.code,
    param: nonEmpty(error["param"]),
    requestId: fallback.requestId ?? nonEmpty(error["request_id"]),
    retryable: typeof error["retryable"] === "boolean" ? error["retryable"] : fallback.retryable,
  });
}

/** Whether a body is an object with an array under `key`: enough to tell an answer from something else. */
export function holdsList<T extends object>(body: unknown, key: keyof T & string): body is T {
  return isRecord(body) && Array.isArray(body[key]);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nonEmpty(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
