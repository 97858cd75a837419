import type { Usage } from "../contract/responses.ts";

/** What an answer used, in tokens; `input` counts all of it, cached or not. */
export interface TokenCounts {
  readonly input: number;
  readonly cached: number;
  readonly cacheWritten: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Reads OpenAI's chat form of usage, with zero for what it does not tell. */
export function readUsage(usage: Usage | null): TokenCounts {
  const input = usage?.prompt_tokens ?? 0;
  const cached = Math.min(input, detail(usage?.["prompt_tokens_details"], "cached_tokens"));
  const written = detail(usage?.["prompt_tokens_details"], "cache_write_tokens");
  return {
    input,
    cached,
    cacheWritten: Math.min(input - cached, written),
    output: usage?.completion_tokens ?? 0,
    reasoning: detail(usage?.["completion_tokens_details"], "reasoning_tokens"),
  };
}

function detail(details: unknown, name: string): number {
  if (typeof details !== "object" || details === null) return 0;
  const value = (details as Record<string, unknown>)[name];
  return typeof value === "number" && value > 0 ? value : 0;
}
