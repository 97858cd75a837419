import type { ToldFailure } from "../../domain/routing/adapter.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { readTold } from "./read-told.ts";

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

const ENDED = "the answer ended with an error";

/** How an answer or a chunk has failed; `told` is what its error says. */
export interface FoundFailure {
  readonly reason: string;
  readonly told?: ToldFailure;
  /** Whether OpenAI's own clients find it. */
  readonly inForm?: boolean;
}

/** How an answer or a chunk that came with status 200 says that it has failed; undefined where it does not. */
export function findFailure(answer: JsonObject): FoundFailure | undefined {
  const { error } = answer;
  if (isError(error)) return { ...describe(error), inForm: typeof asObject(error)["message"] === "string" };
  // Older vLLM's and FastChat's, which is the error itself.
  if (answer["object"] === "error") return describe(answer);
  const choices = answer["choices"];
  if (!Array.isArray(choices)) return undefined;
  const failed = choices.map(asObject).find((choice) => isError(choice["error"]) || hasFailed(choice));
  if (!failed) return undefined;
  return isError(failed["error"]) ? describe(failed["error"]) : { reason: ENDED };
}

const hasFailed = (choice: JsonObject): boolean => FAILED.has(choice["finish_reason"]);

const isError = (error: unknown): boolean =>
  error !== undefined && error !== null && error !== "" && error !== false;

const describe = (error: unknown): FoundFailure => ({ reason: ENDED, told: readTold(error) });
