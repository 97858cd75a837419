import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import { computeSaved } from "../../domain/money/saved.ts";
import { knownCost, type Settlement } from "../../domain/money/settle.ts";
import { asObject } from "../../domain/requests/json-object.ts";
import type { Target } from "../../domain/routing/catalog.ts";

/** An answer with all that its response's headers tell about it. */
export interface InferenceOutcome {
  readonly route: string;
  readonly target: string;
  /** Every attempt in order; none where no target had to be called. */
  readonly attempts: readonly AttemptReport[];
  readonly body: AnswerBody;
  readonly cache: CacheOutcome;
  /** Where it would have gone had it hurried; absent where that makes no difference. */
  readonly hurried?: Target | undefined;
}

export type CacheOutcome =
  | { readonly kind: "hit"; readonly tier: string; readonly ttlSeconds: number; readonly ageSeconds: number }
  | {
      readonly kind: "forward";
      readonly why: "miss" | "request" | "bypass";
      readonly stored: boolean;
      /** It came from a call that another request made. */
      readonly collapsed: boolean;
    };

/** How many tokens of its prompt the provider had in its cache; undefined where it does not tell. */
export function cachedTokens({ body, cache }: InferenceOutcome): number | undefined {
  if (body.form !== "json" || cache.kind === "hit" || cache.collapsed) return undefined;
  const { cached_tokens: tokens } = asObject(body.settlement.usage?.["prompt_tokens_details"]);
  return typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}

/** What an answer saved in USD because it did not hurry; undefined where that is not known. */
export const savedOf = ({ cache, hurried }: InferenceOutcome, settlement: Settlement): number | undefined =>
  cache.kind === "hit" || cache.collapsed ? undefined : computeSaved(settlement, hurried);

/** What an answer cost in USD, where that is known when it begins. */
export function costOf({ body, cache }: InferenceOutcome): number | undefined {
  if (cache.kind === "hit" || cache.collapsed) return 0;
  return body.form === "json" ? knownCost(body.settlement) : undefined;
}
