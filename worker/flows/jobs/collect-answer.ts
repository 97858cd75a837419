import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { Settlement } from "../../domain/money/settle.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { readBytes } from "../../streams/read-bytes.ts";

/** An answer as a job keeps it, and what it took. */
export interface CollectedAnswer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly settlement: Settlement;
}

/** What a job's object takes in one call, with room to spare; it keeps less, and says so itself. */
export const MAX_ANSWER_BYTES = 30 * 1024 * 1024;

/**
 * Reads a whole answer, or bytes, to the end. Streams are recorded by `collectStream`, which also shows them.
 */
export async function collectAnswer(
  body: Exclude<AnswerBody, { form: "events" }>,
): Promise<Result<CollectedAnswer, GatewayError | "too_large">> {
  try {
    const bytes = body.form === "json" ? body.bytes : await readBytes(body.stream, MAX_ANSWER_BYTES);
    if (!bytes || bytes.byteLength > MAX_ANSWER_BYTES) return err("too_large");
    const contentType = body.form === "json" ? "application/json" : body.contentType;
    return ok({ contentType, bytes, settlement: await body.settlement });
  } catch (error) {
    return err({ code: "upstream_error", reason: String(error) });
  }
}
