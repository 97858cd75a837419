import * as z from "zod/mini";
import { type Usage, usageSchema } from "../../contract/responses.ts";
import { asObject, isObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";

/**
 * What an answer or a chunk says was used, wherever the provider says it: beside the choices, in one of them
 * (Moonshot), or in a field of its own (Groq). Null where it says nothing, undefined where it is not in counts.
 */
export function findUsage(answer: JsonObject): Usage | null | undefined {
  const said = [answer["usage"], inChoice(answer["choices"]), asObject(answer["x_groq"])["usage"]].find(
    isObject,
  );
  if (!said) return null;
  const parsed = z.safeParse(usageSchema, said);
  return parsed.success ? completeUsage(parsed.data) : undefined;
}

/** The same for the text of a body; null where it is no JSON. */
export const readUsage = (text: string): Usage | null => findUsage(readJsonObject(text) ?? {}) ?? null;

const inChoice = (choices: unknown): unknown =>
  Array.isArray(choices) ? choices.map((choice) => asObject(choice)["usage"]).find(isObject) : undefined;

/**
 * Jina and Voyage give only the total, which is taken for the input. Moonshot and DeepSeek have names of their
 * own for what was read from the cache.
 */
export function completeUsage(usage: Usage | null | undefined): Usage | null {
  if (!usage) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  const cached = usage["cached_tokens"] ?? usage["prompt_cache_hit_tokens"];
  const details = typeof cached === "number" && !isObject(usage["prompt_tokens_details"]);
  const told = details ? { ...usage, prompt_tokens_details: { cached_tokens: cached } } : usage;
  if (prompt != null || total == null) return told;
  return { ...told, prompt_tokens: Math.max(0, total - (completion ?? 0)) };
}
