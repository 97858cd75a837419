import type { ToldFailure } from "../../domain/routing/adapter.ts";
import { findRefusalWords, type RefusalWords } from "../../domain/routing/refusal-words.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** What OpenAI refuses under these codes with status 400, where it has not begun to answer. */
const CLIENTS_OWN =
  /^(?:invalid|unsupported|image|empty|failed_to_download|content_policy)|_too_|^context_length/;
const LIMITS: ReadonlySet<unknown> = new Set(["rate_limit_exceeded", "insufficient_quota"]);

/** The statuses that these types of errors have elsewhere. */
const TYPES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  overloaded_error: 529,
};

/**
 * A failure that an answer of status 200 tells of, by the error in it: an object in one of the shapes in use, or
 * a text. Its status is the one it has elsewhere.
 */
export function readTold(error: unknown): ToldFailure {
  const words = findRefusalWords({ error });
  const status = findStatus(typeof error === "number" ? { code: error } : asObject(error));
  return { ...words, status: status ?? nameStatus(words) };
}

/** OpenRouter and others have the status in the error, as its code or beside that. */
const findStatus = ({ code, status, status_code: statusCode }: JsonObject) =>
  [code, status, statusCode].map(Number).find((each) => Number.isInteger(each) && each >= 400 && each < 600);

function nameStatus({ code, type }: RefusalWords): number {
  if (LIMITS.has(code)) return 429;
  if (code !== undefined && CLIENTS_OWN.test(code)) return 400;
  return (type !== undefined && Object.hasOwn(TYPES, type) && TYPES[type]) || 500;
}
