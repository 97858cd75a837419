import type * as z from "zod/mini";
import { chatCompletion, type Usage } from "../../contract/responses.ts";
import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { readPlainCompletion } from "../../domain/answers/accept-completion.ts";
import { checkAnswer, parseText } from "../../domain/answers/parse-answer.ts";
import { ok, type Result } from "../../domain/result.ts";

export type AnswerSchema = z.ZodMiniType<{ usage?: Usage | null | undefined }>;

/** Checks that a reply with status 200 is a usable answer; its text is passed on unchanged. */
export function readAnswer(schema: AnswerSchema, text: string): Result<Answer, AnswerFailure> {
  const json = parseText(text);
  if (!json.ok) return json;
  const plain = schema === chatCompletion ? readPlainCompletion(json.value) : undefined;
  if (plain) return ok({ body: text, usage: completeUsage(plain.usage) });
  const parsed = checkAnswer(schema, json.value);
  return parsed.ok ? ok({ body: text, usage: completeUsage(parsed.value.usage) }) : parsed;
}

/** Jina and Voyage give only the total, which is taken for the input. */
export function completeUsage(usage: Usage | null | undefined): Usage | null {
  if (!usage) return null;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  if (prompt != null || total == null) return usage;
  return { ...usage, prompt_tokens: Math.max(0, total - (completion ?? 0)) };
}
