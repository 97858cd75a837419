import type { GatewayError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/responses.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { readBytes } from "../../streams/read-bytes.ts";
import type { InferenceOutcome } from "../inference/run-inference.ts";

/** An answer as a job keeps it, and what it took. */
export interface CollectedAnswer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
}

/** What a job's object takes in one call, with room to spare; it keeps less, and says so itself. */
export const MAX_ANSWER_BYTES = 30 * 1024 * 1024;

/** Reads an answer to its end; one that streams is recorded elsewhere, for those who watch it come. */
export async function collectAnswer({
  body,
  costUsd,
}: InferenceOutcome): Promise<Result<CollectedAnswer, GatewayError | "too_large">> {
  if (body.form === "events") return err({ code: "internal_error", reason: "a stream to be recorded" });
  try {
    const bytes = body.form === "json" ? body.bytes : await readBytes(body.stream, MAX_ANSWER_BYTES);
    if (!bytes || bytes.byteLength > MAX_ANSWER_BYTES) return err("too_large");
    const cost = { usage: body.form === "json" ? body.usage : null, costUsd: costUsd ?? null };
    return ok({ contentType: body.form === "json" ? "application/json" : body.contentType, bytes, ...cost });
  } catch (error) {
    return err({ code: "upstream_error", reason: String(error) });
  }
}
