import type { ToldFailure } from "../../domain/routing/adapter.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/**
 * Reasons to finish that are failures: OpenRouter's and vLLM's, SGLang's, Zhipu's, DeepSeek's. The list is in the
 * pattern of `read-event.ts` as well.
 */
const FAILED: ReadonlySet<unknown> = new Set([
  "error",
  "abort",
  "network_error",
  "insufficient_system_resource",
]);

interface Failed {
  readonly reason: string;
  /** Where the error has a status, as that would be; a general failure else. */
  readonly told?: ToldFailure;
}

/** Why an answer or a chunk that came with status 200 says that it has failed; undefined where it does not. */
export function findFailure(answer: JsonObject): Failed | undefined {
  if (isError(answer["error"])) return describe(answer["error"]);
  // Older vLLM's and FastChat's, which is the error itself.
  if (answer["object"] === "error") return describe(answer);
  const choices = answer["choices"];
  if (!Array.isArray(choices)) return undefined;
  const failed = choices.map(asObject).find((choice) => isError(choice["error"]) || hasFailed(choice));
  if (!failed) return undefined;
  return isError(failed["error"]) ? describe(failed["error"]) : { reason: "the answer ended with an error" };
}

const hasFailed = (choice: JsonObject): boolean => FAILED.has(choice["finish_reason"]);

const isError = (error: unknown): boolean =>
  error !== undefined && error !== null && error !== "" && error !== false;

function describe(error: unknown): Failed {
  if (typeof error === "string" || typeof error === "number") return { reason: `${error}` };
  const { message, code, type } = asObject(error);
  const words = typeof message === "string" ? message : undefined;
  const name = [code, type].find((each) => typeof each === "string");
  const reason = words ?? (typeof code === "string" ? code : "unnamed");
  const status = Number(code);
  const isStatus = Number.isInteger(status) && status >= 400 && status < 600;
  return isStatus ? { reason, told: { status, code: name, message: words } } : { reason };
}
