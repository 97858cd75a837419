import { calcPrice } from "@pydantic/genai-prices";
import { CommandFailure } from "../launcher/command-failure.ts";

const PROVIDER = "openai";
const MODEL = "text-embedding-3-small";

export interface Price {
  /** As people name it: "OpenAI text-embedding-3-small". */
  readonly label: string;
  readonly usdPerMillionTokens: number;
}

/** What embeddings cost where most would buy them, from the price list in the package. */
export function findPrice(): Price {
  const found = calcPrice({ input_tokens: 1_000_000 }, MODEL, { providerId: PROVIDER });
  if (found === null)
    throw new CommandFailure(`The price list does not know ${MODEL}: update @pydantic/genai-prices.`);
  return { label: `${found.provider.name} ${found.model.id}`, usdPerMillionTokens: found.total_price };
}

/** What so many tokens cost, in USD. */
export const costOf = (tokens: number, { usdPerMillionTokens }: Price): number =>
  (tokens * usdPerMillionTokens) / 1_000_000;
