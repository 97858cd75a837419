import type { GatewayError } from "../contract/errors.ts";
import type { AnswerBody } from "../domain/answer-body.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { readBytes } from "../platform/read-bytes.ts";

/** An answer as a job keeps it. */
export interface CollectedAnswer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What a job's object takes in one call, with room to spare; it keeps less, and says so itself. */
const MAX_BYTES = 30 * 1024 * 1024;

/** Reads an answer to its end. */
export async function collectAnswer(
  body: AnswerBody,
): Promise<Result<CollectedAnswer, GatewayError | "too_large">> {
  if (body.form === "events") return err({ code: "internal_error", reason: "a job that streams" });
  try {
    const bytes = body.form === "json" ? body.bytes : await readBytes(body.stream, MAX_BYTES);
    if (!bytes || bytes.byteLength > MAX_BYTES) return err("too_large");
    return ok({ contentType: body.form === "json" ? "application/json" : body.contentType, bytes });
  } catch (error) {
    return err({ code: "upstream_error", reason: String(error) });
  }
}
