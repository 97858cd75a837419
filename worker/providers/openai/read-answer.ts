import * as z from "zod/mini";
import type { Answer, AnswerFailure } from "../../domain/adapter.ts";
import type { Usage } from "../../contract/responses.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** Tells a usable answer from anything else with status 200; the text goes on as it came. */
export function readAnswer(
  schema: z.ZodMiniType<{ usage?: Usage | null | undefined }>,
  text: string,
): Result<Answer, AnswerFailure> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ kind: "invalid_response", reason: "the body is not JSON" });
  }
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return ok({ body: text, usage: parsed.data.usage ?? null });
  const issue = parsed.error.issues[0];
  return err({ kind: "invalid_response", reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` });
}
