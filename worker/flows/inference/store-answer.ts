import type { CacheEntry, EntryMeta } from "../../contract/cache-entry.ts";
import type { Piece } from "../../domain/answers/answer-body.ts";
import { buildCacheKey } from "../../domain/cache/cache-key.ts";
import { decideReach } from "../../domain/cache/cache-reach.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { readBetas } from "../../domain/routing/client-headers.ts";
import { knownCost, type Settlement } from "../../domain/money/settle.ts";
import type { Plan } from "../../domain/routing/plan-targets.ts";
import { addAnswer, isWorthWriting } from "../../domain/cache/kv-admission.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";

/** A call whose answer may be kept or shared, with the key it has under its plan's first target. */
export interface KeyedCall {
  readonly services: Services;
  readonly call: InferenceCall;
  readonly plan: Plan;
  readonly key: string;
}

export interface Storing extends KeyedCall {
  /** The target that answered. */
  readonly target: Target;
  readonly startedAt: number;
}

/** A recording past this is not worth the memory it takes. */
export const MAX_ENTRY_BYTES = 8 * 1024 * 1024;

/** Keeps a complete answer under the key of the target that gave it, never under another's. */
export async function storeAnswer(
  storing: Storing,
  pieces: readonly Piece[],
  settlement: Settlement,
): Promise<void> {
  const { services, call, target } = storing;
  const { route } = call;
  const { cache } = route;
  const size = pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (cache === false || size > MAX_ENTRY_BYTES) return;
  // An unknown cost counts as none: what a hit saves cannot be computed.
  const costUsd = knownCost(settlement) ?? 0;
  services.histories.update(route.name, (history) => addAnswer(history, costUsd));
  const now = services.now();
  const freshUntil = now + cache.ttlSeconds * 1000;
  const entry = record(pieces, size, {
    form: call.streamed ? "events" : "json",
    target: target.label,
    storedAt: now,
    freshUntil,
    staleUntil: freshUntil + cache.staleSeconds * 1000,
    madeInMs: now - storing.startedAt,
  });
  const isWorthKv = () => isWorthWriting(services.histories.get(route.name), costUsd);
  await services.cache.store(
    await keyOf(storing),
    entry,
    decideReach({ cache, target, body: call.body }, isWorthKv),
  );
}

const keyOf = ({ plan, target, key, call }: Storing) =>
  target === plan.targets[0] ? key : buildKey(target, call);

/** The key of one target's answer to a call. */
export function buildKey(
  { provider, model }: Target,
  { caller: { tenant }, task, streamed, body, readHeader }: InferenceCall,
): Promise<string> {
  const betas = readHeader && readBetas(readHeader);
  return buildCacheKey({ tenant, task, provider, model, streamed, body, ...(betas ? { betas } : {}) });
}

/** Joins a stream's pieces into one body, and notes where the usage event is in it. */
function record(pieces: readonly Piece[], size: number, meta: EntryMeta): CacheEntry {
  const bytes = new Uint8Array(size);
  let at = 0;
  let usage = {};
  for (const piece of pieces) {
    bytes.set(piece.bytes, at);
    if (piece.usageOnly) usage = { usageFrom: at, usageTo: at + piece.bytes.byteLength };
    at += piece.bytes.byteLength;
  }
  return { meta: { ...meta, ...usage }, bytes };
}
