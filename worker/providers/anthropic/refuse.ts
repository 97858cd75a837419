import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, type Result } from "../../domain/result.ts";

/** The failure for a part of a request that Anthropic cannot do; the field is named as the client wrote it. */
export function refuse(field: string, what: string): Result<never, AnswerFailure> {
  const message = `${field}: ${what}`;
  return err({ kind: "invalid_input", reason: message, message });
}
