import { calcPrice } from "@pydantic/genai-prices";
import { CommandFailure } from "../launcher/command-failure.ts";

const PROVIDER = "openai";
const EMBEDDING_MODEL = "text-embedding-3-small";
/** What the route `chat` of headrace.config.ts asks for. */
const CHAT_MODEL = "gpt-4o-mini";

export interface Price {
  /** For people: "OpenAI text-embedding-3-small". */
  readonly label: string;
  readonly usdPerMillionTokens: number;
}

/** The price of embeddings at the most common provider, from the price list in the package. */
export function findPrice(): Price {
  const { label, usd } = priceTokens(EMBEDDING_MODEL, { input_tokens: 1_000_000 });
  return { label, usdPerMillionTokens: usd };
}

/** What chats of so many tokens would cost, at the price of the model named. */
export const priceChats = (usage: { readonly input_tokens: number; readonly output_tokens: number }) =>
  priceTokens(CHAT_MODEL, usage);

function priceTokens(
  model: string,
  tokens: Readonly<Record<string, number>>,
): { readonly label: string; readonly usd: number } {
  const found = calcPrice(tokens, model, { providerId: PROVIDER });
  if (found === null)
    throw new CommandFailure(`The price list does not know ${model}: update @pydantic/genai-prices.`);
  return { label: `${found.provider.name} ${found.model.id}`, usd: found.total_price };
}

/** What so many tokens cost, in USD. */
export const costOf = (tokens: number, { usdPerMillionTokens }: Price): number =>
  (tokens * usdPerMillionTokens) / 1_000_000;
