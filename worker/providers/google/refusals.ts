import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, type Result } from "../../domain/result.ts";

/** The failure for a request that Google cannot do; the client gets `message`. */
export const refuseInput = (message: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_input", reason: message, message });

/** The failure for a 2xx reply that is not an answer; the reason is for the logs. */
export const refuseAnswer = (reason: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_response", reason });
