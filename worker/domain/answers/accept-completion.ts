import type { Usage } from "../../contract/responses.ts";
import { isObject } from "../requests/json-object.ts";

const isAbsentOr = (type: "string" | "number", value: unknown): boolean =>
  value === undefined || typeof value === type;
const isCount = (value: unknown): boolean => value == null || (typeof value === "number" && value >= 0);

/** What a completion says was used, where it is plainly a completion; undefined where its schema has to tell. */
export function readPlainCompletion(answer: unknown): { readonly usage: Usage | null } | undefined {
  if (!isObject(answer) || !Array.isArray(answer["choices"])) return undefined;
  const { id, object, created, model, usage = null } = answer;
  const hasEnvelope = [id, object, model].every((text) => isAbsentOr("string", text));
  if (!hasEnvelope || !isAbsentOr("number", created)) return undefined;
  if (!(answer["choices"] as readonly unknown[]).every(isPlainChoice)) return undefined;
  if (usage === null) return { usage };
  if (!isObject(usage)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  return [prompt, completion, total].every(isCount) ? { usage } : undefined;
}

function isPlainChoice(choice: unknown): boolean {
  if (!isObject(choice) || !isObject(choice["message"])) return false;
  const { index, finish_reason: reason, message } = choice;
  return (
    isAbsentOr("string", message["role"]) &&
    isAbsentOr("number", index) &&
    (reason === null || isAbsentOr("string", reason))
  );
}
