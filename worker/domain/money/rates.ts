import { loadPrices } from "./load-prices.cjs";
import type { Priced } from "./priced.ts";

/** What tokens cost, in USD each. */
export interface Rates {
  readonly input: number;
  /** Read from the provider's prompt cache. */
  readonly cached: number;
  readonly output: number;
}

const FREE: Rates = { input: 0, cached: 0, output: 0 };
const MILLION = 1_000_000;
/** Longer prompts cost more a token with some models: the list's steps, with a prompt that is on each. */
const STEPS = [
  { below: 128_000, tokens: 64_000 },
  { below: 200_000, tokens: 160_000 },
  { below: 272_000, tokens: 240_000 },
  { below: 512_000, tokens: 400_000 },
  { below: Number.POSITIVE_INFINITY, tokens: 600_000 },
] as const;

/** A target's rates: the config's, else the list's, whose every step is looked up once, for that takes long. */
export class RateCard {
  readonly #target: Priced;
  readonly #known = new Map<number, Rates | undefined>();

  constructor(target: Priced) {
    this.#target = target;
  }

  /** For a prompt of so many tokens; undefined where they are unknown. */
  find(promptTokens: number): Rates | undefined {
    const { tokens } = STEPS.find(({ below }) => promptTokens < below) ?? STEPS[0];
    if (!this.#known.has(tokens)) this.#known.set(tokens, findRates(this.#target, tokens));
    return this.#known.get(tokens);
  }
}

function findRates(target: Priced, tokens: number): Rates | undefined {
  const { price, runsIn } = target;
  if (runsIn === "worker") return FREE;
  if (!price) return lookUp(target, tokens);
  const { inputPerMillion, cachedInputPerMillion = inputPerMillion, outputPerMillion = 0 } = price;
  return {
    input: inputPerMillion / MILLION,
    cached: cachedInputPerMillion / MILLION,
    output: outputPerMillion / MILLION,
  };
}

function lookUp({ model, connection }: Priced, tokens: number): Rates | undefined {
  const { calcPrice } = loadPrices();
  const price = (used: Readonly<Record<string, number>>) =>
    calcPrice({ input_tokens: tokens, ...used }, model, { providerApiUrl: connection.baseUrl })?.total_price;
  const plain = price({});
  const answered = price({ output_tokens: tokens });
  if (plain === undefined || answered === undefined) return undefined;
  const cached = price({ cache_read_tokens: tokens, cache_audio_read_tokens: 0 }) ?? plain;
  return { input: plain / tokens, cached: cached / tokens, output: (answered - plain) / tokens };
}
