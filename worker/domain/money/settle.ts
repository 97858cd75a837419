import type { GatewayError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/responses.ts";
import { computeCost } from "./cost.ts";
import { estimateUsage } from "./estimate-usage.ts";
import type { Priced } from "./priced.ts";

/** What an answer has used and cost, known at its end; every number of money comes from here. */
export interface Settlement {
  /** By the provider's own count, else an estimate, marked as one; null where nothing was used, or nobody knows. */
  readonly usage: Usage | null;
  readonly estimated: boolean;
  /** In USD; undefined where the price is unknown. */
  readonly costUsd: number | undefined;
  /** Whether the answer came to its end. */
  readonly complete: boolean;
  /** Why it did not, unless its reader left. */
  readonly broken?: GatewayError | undefined;
}

export interface Used {
  /** What the provider said. */
  readonly told: Usage | null;
  /** Tokens of the answer as far as it came, for where the provider said nothing. */
  readonly answerTokens: number;
  readonly complete: boolean;
  readonly broken?: GatewayError | undefined;
  readonly target: Priced;
  /**
   * The request, whose length tells what its input took where the provider said nothing; undefined where it
   * was passed on unread.
   */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Settles what an answer cost. An answer that broke off or was not read to its end has to be paid for, too. */
export function settle({ told, answerTokens, complete, broken, target, body }: Used): Settlement {
  const lags = !complete && told !== null && (told.completion_tokens ?? 0) < answerTokens;
  const known = told && lags ? raiseCompletion(told, answerTokens) : told;
  const usage = known ?? (body ? estimateUsage(body, answerTokens) : null);
  const estimated = told === null || lags;
  return { usage, estimated, costUsd: computeCost(usage, target), complete, broken };
}

/** What was told before the answer broke off counts its input, and of its output no more than its beginning. */
const raiseCompletion = (told: Usage, completionTokens: number): Usage => ({
  ...told,
  completion_tokens: completionTokens,
  total_tokens: (told.prompt_tokens ?? 0) + completionTokens,
  estimated: true,
});

/** The settlement of an answer that was paid for before, or by another request. */
export const settleFree = (usage: Usage | null, complete: boolean): Settlement => ({
  usage,
  estimated: false,
  costUsd: 0,
  complete,
});

/** The cost that the client is told: none where it is an estimate. */
export const knownCost = ({ estimated, costUsd }: Settlement): number | undefined =>
  estimated ? undefined : costUsd;
