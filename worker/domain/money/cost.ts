import { loadPrices } from "./load-prices.cjs";
import type { Usage } from "../../contract/responses.ts";
import type { Target } from "../routing/catalog.ts";

/**
 * What an answer cost in USD by the provider's own token counts: at the config's price, else at the list's
 * (input read from or written to the provider's cache at its own price). Local models cost nothing. Undefined
 * where the price is unknown.
 */
export function computeCost(usage: Usage | null, target: Target): number | undefined {
  if (target.runsIn === "worker") return 0;
  if (!usage) return undefined;
  const input = usage.prompt_tokens ?? 0;
  const output = usage.completion_tokens ?? 0;
  // A provider may count past all bounds; what is no number has no price, and cannot be stored.
  if (!Number.isFinite(input + output)) return undefined;
  const { price } = target;
  const costUsd = price
    ? (input * price.inputPerMillion + output * (price.outputPerMillion ?? 0)) / 1_000_000
    : costByList(usage, target, { input, output });
  return Number.isFinite(costUsd) ? costUsd : undefined;
}

function costByList(
  usage: Usage,
  { model, connection }: Target,
  { input, output }: { readonly input: number; readonly output: number },
): number | undefined {
  const read = Math.min(input, countDetail(usage, "cached_tokens"));
  const written = Math.min(input - read, countDetail(usage, "cache_write_tokens"));
  const tokens = {
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: read,
    cache_write_tokens: written,
  };
  return loadPrices().calcPrice(tokens, model, { providerApiUrl: connection.baseUrl })?.total_price;
}

/** Input tokens of a kind that has a price of its own. */
function countDetail(usage: Usage, name: "cached_tokens" | "cache_write_tokens"): number {
  const details: unknown = usage["prompt_tokens_details"];
  if (typeof details !== "object" || details === null) return 0;
  const count: unknown = Reflect.get(details, name);
  return typeof count === "number" && count > 0 ? count : 0;
}
