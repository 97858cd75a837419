import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody, PieceGenerator } from "../../domain/answers/answer-body.ts";
import { type CachePolicy, decideCachePolicy } from "../../domain/cache/cache-directives.ts";
import { decideReach } from "../../domain/cache/cache-reach.ts";
import { resolveRoute, type Route, type Target } from "../../domain/routing/catalog.ts";
import { addLookup, isWorthReading } from "../../domain/cache/kv-admission.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { CacheEntry } from "../../contract/cache-entry.ts";
import type { Found } from "../../platform/tiered-cache.ts";
import { callTargets, type TargetAnswer } from "../targets/call-targets.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import { refresh, shareCall } from "./fly.ts";
import { buildKey, type KeyedCall } from "./store-answer.ts";

/** An answer with all that its response's headers tell about it. */
export interface InferenceOutcome {
  readonly route: string;
  readonly target: string;
  readonly attempts: number;
  readonly body: AnswerBody;
  readonly costUsd: number | undefined;
  readonly cache: CacheOutcome;
}

export type CacheOutcome =
  | { readonly kind: "hit"; readonly tier: string; readonly ttlSeconds: number; readonly ageSeconds: number }
  | {
      readonly kind: "forward";
      readonly why: "miss" | "request" | "bypass";
      readonly stored: boolean;
      readonly collapsed: boolean;
    };

/**
 * The straight line of a synchronous request, from a parsed call to an answer: resolve the route;
 * look up the cache under its first target; join the identical call in progress, or lead one; call the
 * targets in order. What is stored and recorded is so after the response. The first failure returns.
 */
export async function runInference(
  services: Services,
  call: InferenceCall,
): Promise<Result<InferenceOutcome, GatewayError>> {
  const found = resolveRoute(services.catalog, call.body.model, call.task);
  if (!found.ok) return found;
  const route = found.value;
  const policy = decideCachePolicy(call.task, call.body, route.cache, call.directives);
  if (!policy.store) return forward(route, policy, await callTargets(services, route, call));

  const [first] = route.targets;
  if (!first) return err({ code: "not_configured" });
  const key = await buildKey(first, call);
  const keyed = { services, route, call, key };
  const hit = policy.lookup ? await lookUp(keyed, first) : undefined;
  if (hit) return ok(replay(services, route, hit));
  if (call.directives.onlyIfCached) return err({ code: "only_if_cached" });
  return forward(route, policy, await shareCall(keyed, policy.lookup));
}

/** Looks an answer up under the key of the route's first target, and keeps what it finds close. */
export async function lookUp(keyed: KeyedCall, first: Target): Promise<Found | undefined> {
  const { services, route, call, key } = keyed;
  const startedAt = services.now();
  const reach = decideReach({ cache: route.cache, target: first, body: call.body }, () =>
    isWorthReading(services.histories.get(route.name)),
  );
  const found = await services.cache.find(
    { key, directives: call.directives, reach },
    startedAt,
    services.random(),
  );
  services.histories.update(route.name, (seen) => addLookup(seen, found !== undefined));
  call.time("cache", services.now() - startedAt);
  if (!found) return undefined;
  if (found.verdict !== "fresh") refresh(keyed);
  if (found.tier !== "memory") call.defer(services.cache.promote(key, found));
  return found;
}

/** An answer kept from before, with its age and what is left of its freshness. */
function replay(services: Services, route: Route, { entry, tier }: Found): InferenceOutcome {
  const now = services.now();
  return {
    route: route.name,
    target: entry.meta.target,
    attempts: 0,
    costUsd: 0,
    body: replayBody(entry),
    cache: {
      kind: "hit",
      tier,
      ttlSeconds: Math.round((entry.meta.freshUntil - now) / 1000),
      ageSeconds: Math.max(0, Math.floor((now - entry.meta.storedAt) / 1000)),
    },
  };
}

function replayBody({ meta, bytes }: CacheEntry): AnswerBody {
  if (meta.form === "json") return { form: "json", bytes, usage: null };
  return { form: "events", pieces: replayPieces(bytes, meta.usageFrom ?? 0, meta.usageTo ?? 0) };
}

async function* replayPieces(bytes: Uint8Array, usageFrom: number, usageTo: number): PieceGenerator {
  const parts = [
    { bytes: bytes.subarray(0, usageFrom), usageOnly: false, deltas: 0 },
    { bytes: bytes.subarray(usageFrom, usageTo), usageOnly: true, deltas: 0 },
    { bytes: bytes.subarray(usageTo), usageOnly: false, deltas: 0 },
  ];
  yield* parts.filter((part) => part.bytes.byteLength > 0);
  return ok(null);
}

function forward(
  route: Route,
  policy: CachePolicy,
  answer: Result<TargetAnswer & { readonly collapsed?: boolean }, GatewayError>,
): Result<InferenceOutcome, GatewayError> {
  if (!answer.ok) return answer;
  const { target, attempts, body, costUsd, collapsed = false } = answer.value;
  return ok({
    route: route.name,
    target: target.label,
    attempts,
    body,
    costUsd,
    cache: { kind: "forward", why: whyForward(policy), stored: policy.store, collapsed },
  });
}

const whyForward = ({ store, lookup }: CachePolicy) => (lookup ? "miss" : store ? "request" : "bypass");
