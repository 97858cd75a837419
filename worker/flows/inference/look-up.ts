import { decideReach } from "../../domain/cache/cache-reach.ts";
import { addLookup, isWorthReading } from "../../domain/cache/kv-admission.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import type { Found } from "../../platform/tiered-cache.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import { refresh } from "./share-flight.ts";
import { buildKey, type KeyedCall } from "./store-answer.ts";

/** What the isolate's own memory has fresh under a key, without waiting. */
export function peek(
  services: Services,
  { route, directives, time }: InferenceCall,
  key: string,
): Found | undefined {
  const found = services.cache.peek({ key, directives }, services.now(), services.random());
  if (!found) return undefined;
  services.histories.update(route.name, (seen) => addLookup(seen, true));
  time("cache", 0);
  return found;
}

/** Looks an answer up under the key of a plan's first target, and copies what it finds to nearer tiers. */
export async function lookUp(keyed: KeyedCall, first: Target): Promise<Found | undefined> {
  const { services, call, key } = keyed;
  const { route, directives } = call;
  const startedAt = services.now();
  const reach = decideReach({ cache: route.cache, target: first, body: call.body }, () =>
    isWorthReading(services.histories.get(route.name)),
  );
  const found = await services.cache.find({ key, directives, reach }, startedAt, services.random());
  services.histories.update(route.name, (seen) => addLookup(seen, found !== undefined));
  call.time("cache", services.now() - startedAt);
  if (!found) return undefined;
  if (found.verdict !== "fresh") refresh(keyed);
  if (found.tier === "memory") call.onMemoryHit?.({ key, target: first.label });
  else call.defer(services.cache.promote(key, found));
  return found;
}

/** Looks up what the target has answered before that would be first, were its breaker not open. */
export async function lookUpPaused({ services, call, plan }: KeyedCall): Promise<Found | undefined> {
  const { paused } = plan;
  if (!paused) return undefined;
  const targets = [paused, ...plan.targets.filter((target) => target !== paused)];
  const key = await buildKey(paused, call);
  return lookUp({ services, call, key, plan: { ...plan, targets } }, paused);
}
