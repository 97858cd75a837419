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

/** Why an answer or a chunk that came with status 200 says that it has failed; undefined where it does not. */
export function findFailure(answer: JsonObject): string | undefined {
  if (isError(answer["error"])) return describe(answer["error"]);
  const choices = answer["choices"];
  if (!Array.isArray(choices)) return undefined;
  const failed = choices.map(asObject).find((choice) => isError(choice["error"]) || hasFailed(choice));
  return failed && (isError(failed["error"]) ? describe(failed["error"]) : "the answer ended with an error");
}

const hasFailed = (choice: JsonObject): boolean => FAILED.has(choice["finish_reason"]);

const isError = (error: unknown): boolean =>
  error !== undefined && error !== null && error !== "" && error !== false;

function describe(error: unknown): string {
  if (typeof error === "string" || typeof error === "number") return `${error}`;
  const { message, code } = asObject(error);
  return typeof message === "string" ? message : typeof code === "string" ? code : "unnamed";
}
