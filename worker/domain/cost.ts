import { calcPrice } from "@pydantic/genai-prices";
import type { Usage } from "../contract/responses.ts";
import type { Target } from "./catalog.ts";

/**
 * What an answer cost in USD by the provider's own token counts: at the config's price, else at the
 * list's (cached input at its own price). Local models cost nothing; undefined is "nobody knows".
 */
export function computeCost(usage: Usage | null, target: Target): number | undefined {
  if (target.adapter.kind === "local") return 0;
  if (!usage) return undefined;
  const input = usage.prompt_tokens ?? 0;
  const output = usage.completion_tokens ?? 0;
  const { price } = target;
  if (price) return (input * price.inputPerMillion + output * (price.outputPerMillion ?? 0)) / 1_000_000;
  const tokens = {
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: Math.min(input, cachedTokens(usage)),
  };
  return calcPrice(tokens, target.model, { providerApiUrl: target.connection.baseUrl })?.total_price;
}

function cachedTokens(usage: Usage): number {
  const details = usage["prompt_tokens_details"];
  if (typeof details !== "object" || details === null || !("cached_tokens" in details)) return 0;
  return typeof details.cached_tokens === "number" ? Math.max(0, details.cached_tokens) : 0;
}
