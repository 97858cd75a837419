import type * as z from "zod/mini";
import { checkUntilWrong } from "../../contract/check-until-wrong.ts";
import type { AnswerFailure } from "../routing/adapter.ts";
import { ANSWER_BOUNDS, findExcess } from "../requests/find-excess.ts";
import { readExact } from "../requests/parse-exact.ts";
import { err, ok, type Result } from "../result.ts";

/** Reads a provider's text as JSON of a shape; the failure says where it has another. */
export function parseAnswer<T>(schema: z.ZodMiniType<T>, text: string): Result<T, AnswerFailure> {
  const json = parseText(text, readExact);
  return json.ok ? checkAnswer(schema, json.value) : json;
}

/**
 * Reads a provider's text as JSON of bounded structure; its numbers as doubles, unless told, for most texts are
 * passed on as they are.
 */
export function parseText(
  text: string,
  read: (text: string) => unknown = JSON.parse,
): Result<unknown, AnswerFailure> {
  const { excess } = findExcess(text, ANSWER_BOUNDS);
  if (excess !== undefined) return err({ kind: "invalid_response", reason: `the body has ${excess}` });
  try {
    return ok(read(text));
  } catch {
    return err({ kind: "invalid_response", reason: "the body is not JSON" });
  }
}

/** Checks a provider's answer against a shape; the failure says where it has another. */
export function checkAnswer<T>(schema: z.ZodMiniType<T>, value: unknown): Result<T, AnswerFailure> {
  const parsed = checkUntilWrong(schema, value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return err({ kind: "invalid_response", reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` });
}
