import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import { knownCost } from "../../domain/money/settle.ts";

/** An answer with all that its response's headers tell about it. */
export interface InferenceOutcome {
  readonly route: string;
  readonly target: string;
  /** Every attempt in order; none where no target had to be called. */
  readonly attempts: readonly AttemptReport[];
  readonly body: AnswerBody;
  readonly cache: CacheOutcome;
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

/** What an answer cost in USD, where that is known when it begins. */
export function costOf({ body, cache }: InferenceOutcome): number | undefined {
  if (cache.kind === "hit" || cache.collapsed) return 0;
  return body.form === "json" ? knownCost(body.settlement) : undefined;
}
