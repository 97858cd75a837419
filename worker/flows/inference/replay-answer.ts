import type { CacheEntry } from "../../contract/cache-entry.ts";
import type { AnswerBody, PieceGenerator } from "../../domain/answers/answer-body.ts";
import { settleFree, type Settlement } from "../../domain/money/settle.ts";
import { ok } from "../../domain/result.ts";
import type { Found } from "../../platform/tiered-cache.ts";
import { hearEnd } from "../../streams/hear-end.ts";
import type { InferenceOutcome } from "./outcome.ts";

/** An answer kept from before, with its age and what is left of its freshness. */
export function replayAnswer(route: string, { entry, tier }: Found, now: number): InferenceOutcome {
  const { target, freshUntil, storedAt } = entry.meta;
  return {
    route,
    target,
    attempts: [],
    body: replayBody(entry),
    cache: {
      kind: "hit",
      tier,
      ttlSeconds: Math.round((freshUntil - now) / 1000),
      ageSeconds: Math.max(0, Math.floor((now - storedAt) / 1000)),
    },
  };
}

const PAID_BEFORE = settleFree(null, true);
/** By its reader, before its end. */
const LEFT = settleFree(null, false);

function replayBody({ meta, bytes }: CacheEntry): AnswerBody {
  if (meta.form === "json") return { form: "json", bytes, settlement: PAID_BEFORE };
  const settled = Promise.withResolvers<Settlement>();
  const recorded = replayPieces(bytes, [meta.usageFrom ?? 0, meta.usageTo ?? 0]);
  const pieces = hearEnd(recorded, (end) => settled.resolve(end ? PAID_BEFORE : LEFT));
  return { form: "events", pieces, settlement: settled.promise };
}

async function* replayPieces(
  bytes: Uint8Array,
  [usageFrom, usageTo]: readonly [number, number],
): PieceGenerator {
  const parts = [
    { bytes: bytes.subarray(0, usageFrom), usageOnly: false, deltas: 0 },
    { bytes: bytes.subarray(usageFrom, usageTo), usageOnly: true, deltas: 0 },
    { bytes: bytes.subarray(usageTo), usageOnly: false, deltas: 0 },
  ];
  yield* parts.filter((part) => part.bytes.byteLength > 0);
  return ok(null);
}
