import { estimateInputTokens } from "../money/estimate-usage.ts";
import type { Target } from "./catalog.ts";
import type { PromptPrefix } from "./prompt-prefix.ts";

export interface Purchase {
  readonly prefix: PromptPrefix;
  /** Most tokens that the request asks for, where it says so. */
  readonly maxTokens: number | undefined;
  /** How much dearer the target may be that a prompt was sent to before, as a share; undefined: it need not stay. */
  readonly maxDearer: number | undefined;
}

/** Providers keep no shorter prompts: 1024 tokens with most. */
export const MIN_CACHED_TOKENS = 1024;
/** What an answer takes, where the request does not bound it to less. */
const ANSWER_TOKENS = 500;

/**
 * Orders targets by what the request will cost at each, by its estimated tokens; those of unknown price come last,
 * and of the same price those first that come first in the config. A conversation began at the target that was the
 * cheapest then, and what it has sent since is in that one's prompt cache: there it costs less, and there it stays
 * until another is cheaper by more than `maxDearer`.
 */
export function orderCheapest(targets: readonly Target[], purchase: Purchase): readonly Target[] {
  const { prefix, maxDearer } = purchase;
  const { promptTokens, sentTokens } = prefix;
  const stays = maxDearer !== undefined && sentTokens >= MIN_CACHED_TOKENS;
  const home = stays
    ? findCheapest(targets, { purchase, promptTokens: prefix.tokens, cachedTokens: 0 })
    : undefined;
  const costs = new Map(
    targets.map((target) => {
      const cachedTokens = target === home ? sentTokens : 0;
      return [target, costOf(target, { purchase, promptTokens, cachedTokens })];
    }),
  );
  const ordered = targets.toSorted((one, other) => compare(costs.get(one), costs.get(other)));
  const [cheapest] = ordered;
  const atHome = home && costs.get(home);
  if (!cheapest || !home || atHome === undefined || cheapest === home) return ordered;
  if (atHome > (costs.get(cheapest) ?? 0) * (1 + (maxDearer ?? 0))) return ordered;
  return [home, ...ordered.filter((target) => target !== home)];
}

interface Bill {
  readonly purchase: Pick<Purchase, "maxTokens">;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What a request will cost at a target by its estimated tokens, in USD; undefined where the price is unknown. */
export const estimateCost = (target: Target, body: Readonly<Record<string, unknown>>): number | undefined =>
  costOf(target, {
    purchase: { maxTokens: readMaxTokens(body) },
    promptTokens: estimateInputTokens(body),
    cachedTokens: 0,
  });

/** In USD; undefined where the price is unknown. */
function costOf(target: Target, { purchase, promptTokens, cachedTokens }: Bill): number | undefined {
  const rates = target.rates.find(promptTokens);
  if (!rates) return undefined;
  const answerTokens = Math.min(purchase.maxTokens ?? ANSWER_TOKENS, ANSWER_TOKENS);
  const fresh = promptTokens - cachedTokens;
  return fresh * rates.input + cachedTokens * rates.cached + answerTokens * rates.output;
}

function findCheapest(targets: readonly Target[], bill: Bill): Target | undefined {
  const [cheapest] = targets.toSorted((one, other) => compare(costOf(one, bill), costOf(other, bill)));
  return cheapest;
}

const UNKNOWN = Number.MAX_VALUE;
const compare = (one = UNKNOWN, other = UNKNOWN): number => one - other;

/** What the request bounds its answer to, by the names that the APIs have for it. */
export function readMaxTokens(body: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const given = body?.["max_completion_tokens"] ?? body?.["max_tokens"] ?? body?.["max_output_tokens"];
  return typeof given === "number" ? given : undefined;
}
