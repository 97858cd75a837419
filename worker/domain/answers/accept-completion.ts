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
  const { tool_calls: calls, function_call: call, content } = message;
  if (call != null || (content != null && !isText(content))) return false;
  return calls == null || (Array.isArray(calls) && arePlain(calls, reason));
}

/** An answer that calls tools has not just stopped. */
const arePlain = (calls: readonly unknown[], reason: unknown): boolean =>
  calls.every(isPlainCall) && (calls.length === 0 || reason !== "stop");

function isPlainCall(call: unknown): boolean {
  const { id, type, function: called } = asObject(call);
  return [id, type].every((name) => isText(name) && name !== "") && isText(asObject(called)["arguments"]);
}
