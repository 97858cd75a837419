import { loadPrices } from "./load-prices.cjs";
import type { Usage } from "../../contract/responses.ts";
import type { Priced } from "./priced.ts";
import { kindsOf } from "./token-kinds.ts";

/**
 * What an answer cost in USD by the provider's own token counts: at the config's price, else at the list's,
 * which knows kinds of tokens (see `token-kinds.ts`). A kind that the list has no price for costs what plain
 * tokens of its direction do; the config knows of one kind, that which was read from the provider's cache. Local models cost nothing.
 * Undefined where the price is unknown.
 */
export function computeCost(usage: Usage | null, target: Priced): number | undefined {
  if (target.runsIn === "worker") return 0;
  if (!usage) return undefined;
  const input = usage.prompt_tokens ?? 0;
  const output = usage.completion_tokens ?? 0;
  // A provider may count past all bounds; what is no number has no price, and cannot be stored.
  if (!Number.isFinite(input + output)) return undefined;
  const costUsd = target.price
    ? costByConfig(usage, target.price, { input, output })
    : costByList(usage, target, { input, output });
  return Number.isFinite(costUsd) ? costUsd : undefined;
}

interface Totals {
  readonly input: number;
  readonly output: number;
}

function costByConfig(usage: Usage, price: NonNullable<Priced["price"]>, totals: Totals): number {
  const { inputPerMillion, cachedInputPerMillion = inputPerMillion, outputPerMillion = 0 } = price;
  const cached = kindsOf(usage, totals)["cache_read_tokens"] ?? 0;
  const input = (totals.input - cached) * inputPerMillion + cached * cachedInputPerMillion;
  return (input + totals.output * outputPerMillion) / 1_000_000;
}

function costByList(
  usage: Usage,
  { model, connection }: Priced,
  { input, output }: Totals,
): number | undefined {
  const { calcPrice } = loadPrices();
  const price = (tokens: Readonly<Record<string, number>>) =>
    calcPrice(tokens, model, { providerApiUrl: connection.baseUrl })?.total_price;
  const plain = { input_tokens: input, output_tokens: output };
  const kinds = kindsOf(usage, { input, output });
  if (Object.keys(kinds).length === 0) return price(plain);
  try {
    return price({ ...plain, ...kinds });
  } catch {
    // The list refuses counts that contradict each other, as those of two modalities in one cache may.
    return price(plain);
  }
}
