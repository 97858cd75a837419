import type { Usage } from "../../contract/responses.ts";
import { asObject, isObject } from "../requests/json-object.ts";

const isCount = (value: unknown): boolean => value == null || (typeof value === "number" && value >= 0);
const isText = (value: unknown): boolean => typeof value === "string";

/**
 * What a completion says was used, where it is plainly a completion in OpenAI's form that has not failed;
 * undefined where it has to be looked at.
 */
export function readPlainCompletion(answer: unknown): { readonly usage: Usage | null } | undefined {
  if (!isObject(answer) || !Array.isArray(answer["choices"])) return undefined;
  const { id, object, created, model, usage, error } = answer;
  if (![id, object, model].every(isText) || typeof created !== "number" || error != null) return undefined;
  const choices = answer["choices"] as readonly unknown[];
  if (choices.length === 0 || !choices.every(isPlainChoice)) return undefined;
  if (usage == null) return { usage: null };
  if (!isObject(usage)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  return [prompt, completion, total].every(isCount) ? { usage } : undefined;
}

/** The reasons to finish that OpenAI has; others may be failures. */
const REASONS: ReadonlySet<unknown> = new Set([
  "stop",
  "length",
  "tool_calls",
  "content_filter",
  "function_call",
]);

function isPlainChoice(choice: unknown): boolean {
  if (!isObject(choice) || !isObject(choice["message"])) return false;
  const { index, finish_reason: reason, message, error } = choice;
  if (!isText(message["role"]) || typeof index !== "number" || error != null) return false;
  if (!REASONS.has(reason)) return false;
  const { tool_calls: calls, function_call: call } = message;
  return call == null && (calls == null || (Array.isArray(calls) && calls.every(isPlainCall)));
}

const isPlainCall = (call: unknown): boolean => isText(asObject(asObject(call)["function"])["arguments"]);
