import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, type Result } from "../../domain/result.ts";

/** What Google cannot be asked; `message` is what the client reads. */
export const refuseInput = (message: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_input", reason: message, message });

/** What is no answer, though its status says so; the reason is for the logs. */
export const refuseAnswer = (reason: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_response", reason });
