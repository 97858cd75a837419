import type { ResponseMeta, Usage } from "../../sdk/index.ts";

/** What one request showed. */
export interface Sample {
  /** As the client waited. */
  readonly latencyMs: number;
  /** Input tokens, as the gateway counts them. */
  readonly tokens: number;
  readonly cache: ResponseMeta["cache"];
}

/** Awaits an answer, and takes its time and what it says about itself. */
export async function takeSample<T extends Answer>(
  call: () => Promise<T>,
): Promise<{ readonly answer: T; readonly sample: Sample }> {
  const startedAt = performance.now();
  const answer = await call();
  const latencyMs = performance.now() - startedAt;
  const tokens = answer.usage?.prompt_tokens ?? 0;
  return { answer, sample: { latencyMs, tokens, cache: answer.meta.cache } };
}

interface Answer {
  readonly meta: ResponseMeta;
  readonly usage?: Usage | null | undefined;
}
