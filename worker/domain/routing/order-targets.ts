import type { Target } from "./catalog.ts";
import { MIN_CACHED_TOKENS, orderCheapest, readMaxTokens } from "./order-cheapest.ts";
import { orderNearest } from "./order-nearest.ts";
import { orderFastest } from "./order-fastest.ts";
import { hasTiers, orderTiers } from "./order-tiers.ts";
import { orderWeighted } from "./order-weighted.ts";
import type { Planning } from "./planning.ts";
import { type PromptPrefix, readPrefix } from "./prompt-prefix.ts";
import { hashRoll } from "./spread.ts";

/**
 * Puts targets into the order of the request's priority and of the route's strategy. By chance goes only what need not stay: prompts that a
 * provider may have in its cache go where those went that begin alike, and what may be kept goes where the same was
 * asked before, for only there its answer is found.
 */
export function orderTargets(targets: readonly Target[], planning: Planning): readonly Target[] {
  return hasTiers(targets)
    ? orderTiers(targets, planning.priority, (ofTier) => orderTier(ofTier, planning))
    : orderTier(targets, planning);
}

function orderTier(targets: readonly Target[], planning: Planning): readonly Target[] {
  if (targets.length < 2) return targets;
  const { strategy } = planning.route;
  const place = targets.some(({ location }) => location) ? planning.place() : undefined;
  // By chance and by the config come after the distance, what is measured or paid before it.
  if (strategy === "fallback") return orderNearest(targets, place);
  if (strategy === "weighted") return orderNearest(orderBy(targets, planning), place);
  return orderBy(orderNearest(targets, place), planning);
}

function orderBy(targets: readonly Target[], planning: Planning): readonly Target[] {
  const { route, body, keeps, roll } = planning;
  if (route.strategy === "fallback") return targets;
  const prefix = readPrefix(body ?? {});
  const isCached = route.promptCache !== false && prefix.promptTokens >= MIN_CACHED_TOKENS;
  const stays = isCached || keeps;
  const hash = stays ? prefix.hash : hashRoll(roll);
  return STRATEGIES[route.strategy](targets, { planning, prefix, stays, hash });
}

interface Ordering {
  readonly planning: Planning;
  readonly prefix: PromptPrefix;
  readonly stays: boolean;
  readonly hash: number;
}

type Order = (targets: readonly Target[], ordering: Ordering) => readonly Target[];

const STRATEGIES: Readonly<Record<"weighted" | "fastest" | "cheapest", Order>> = {
  weighted: (targets, { hash }) => orderWeighted(targets, hash),
  fastest: (targets, { planning, hash, stays }) => orderFastest(targets, { ...planning, hash, stays }),
  cheapest: (targets, { planning: { route, body }, prefix }) =>
    orderCheapest(targets, {
      prefix,
      maxTokens: readMaxTokens(body),
      maxDearer: route.promptCache === false ? undefined : route.promptCache.maxDearer,
    }),
};
