import type { Refusal } from "../domain/routing/adapter.ts";
import { readRefusalWords } from "../domain/routing/refusal-words.ts";
import { parseRetryAfter } from "../domain/routing/retry-after.ts";
import { failureOfRefusal, type UpstreamFailure } from "../domain/routing/upstream-failure.ts";
import { readText } from "../streams/read-bounded.ts";

export interface RefusalReading {
  /** The adapter's own reading of a refusal. */
  readonly readRefusal?: ((status: number, text: string) => Refusal) | undefined;
  /** Who has named the model; the route where absent. */
  readonly modelFrom?: "route" | "client";
}

const MAX_ERROR_BYTES = 64 * 1024;

/** Reads a response that is not 2xx: why the provider refused, in its own words where it has any. */
export async function readRefused(
  response: Response,
  { readRefusal, modelFrom = "route" }: RefusalReading,
  now: number,
): Promise<UpstreamFailure> {
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now);
  const text = (await readText(response, MAX_ERROR_BYTES).catch(() => undefined))?.text ?? "";
  const { status } = response;
  const refusal = readRefusal?.(status, text);
  const failed = failureOfRefusal({
    status: refusal?.status ?? status,
    words: readRefusalWords(text),
    retryAfterMs: retryAfterMs ?? refusal?.retryAfterMs,
    modelFrom,
  });
  return { ...failed, status };
}
