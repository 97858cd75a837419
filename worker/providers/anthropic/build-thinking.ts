import type { ChatRequest } from "../../contract/requests.ts";
import type { Generation } from "./generations.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** How a model is asked to think: both are absent where the client left it to the model. */
export interface Thinking {
  readonly thinking?: JsonObject;
  /** For `output_config`. */
  readonly effort?: string;
}

export interface ThinkingContext {
  readonly generation: Generation;
  readonly maxTokens: number;
  /** The client requires a tool call; Anthropic does not allow thinking before it. */
  readonly toolForced: boolean;
  /** The last call of tools came without the thinking that led to it. */
  readonly thoughtsLost: boolean;
}

/** Anthropic takes no smaller budget. */
const MIN_BUDGET = 1024;
/** The part of `max_tokens` that may be used for thinking, by effort, as OpenRouter has it. */
const BUDGET_SHARES: Readonly<Record<string, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.9,
  max: 0.9,
};

/**
 * Translates `reasoning_effort`. Newer models take an effort, older ones a budget of tokens. Where the client
 * sends Anthropic's own `thinking`, that counts.
 */
export function buildThinking(input: ChatRequest, context: ThinkingContext): Thinking {
  const asked = input["reasoning_effort"];
  const own = input["thinking"];
  if (typeof asked !== "string") return {};
  const { generation } = context;
  if (asked === "none") {
    if (generation.alwaysThinks) return { effort: "low" };
    return own ? {} : { thinking: { type: "disabled" } };
  }
  if (generation.thinking === "budget") return own ? {} : buildBudget(asked, context);
  const effort = translateEffort(asked, generation);
  if (own || context.toolForced) return { effort };
  return { effort, thinking: { type: "adaptive", display: "summarized" } };
}

/** An effort that is not in OpenAI's list is passed on: Anthropic may know it. */
function translateEffort(asked: string, { extraHigh }: Generation): string {
  if (asked === "minimal") return "low";
  return asked === "xhigh" && !extraHigh ? "high" : asked;
}

function buildBudget(asked: string, { maxTokens, toolForced, thoughtsLost }: ThinkingContext): Thinking {
  if (toolForced || thoughtsLost || !(maxTokens > MIN_BUDGET)) return {};
  const share = Math.floor(maxTokens * (BUDGET_SHARES[asked] ?? 0.5));
  return { thinking: { type: "enabled", budget_tokens: Math.max(MIN_BUDGET, share) } };
}

/**
 * Translates `temperature`, `top_p` and `top_k`, as far as the model takes them: OpenAI's temperatures go up
 * to 2, Anthropic's to 1, and thinking allows none. A value that is not taken is dropped rather than refused:
 * many clients always send `temperature: 0`.
 */
export function buildSampling(input: ChatRequest, { sampling }: Generation, thinking: unknown): JsonObject {
  const thinks = thinking !== undefined && asObject(thinking)["type"] !== "disabled";
  if (sampling === "none" || thinks) return {};
  const { temperature, top_p: topP, top_k: topK } = input;
  const tempered = typeof temperature === "number";
  return {
    ...(tempered ? { temperature: Math.min(temperature, 1) } : {}),
    ...(isGiven(topP) && !(tempered && sampling === "one") ? { top_p: topP } : {}),
    ...(isGiven(topK) ? { top_k: topK } : {}),
  };
}

const isGiven = (value: unknown) => value !== null && value !== undefined;
