import type { ChatInput } from "./chat-input.ts";
import { isPro, thinksByBudget } from "./model-families.ts";

/** All settings of the generation, in Google's form; undefined where there are none. */
export function buildGenerationConfig(input: ChatInput, model: string): object | undefined {
  const config = {
    temperature: input.temperature,
    topP: input.top_p,
    topK: input.top_k,
    maxOutputTokens: input.max_completion_tokens ?? input.max_tokens,
    stopSequences: typeof input.stop === "string" ? [input.stop] : input.stop,
    candidateCount: input.n,
    seed: input.seed,
    presencePenalty: input.presence_penalty,
    frequencyPenalty: input.frequency_penalty,
    responseLogprobs: input.logprobs,
    logprobs: input.top_logprobs,
    responseModalities: input.modalities?.map((modality) => modality.toUpperCase()),
    ...buildFormat(input.response_format),
    thinkingConfig: input.extra_body?.google?.thinking_config ?? buildThinking(input.reasoning_effort, model),
    ...input.generationConfig,
  };
  const said = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

function buildFormat(format: ChatInput["response_format"]): object {
  if (!format || format.type === "text") return {};
  const responseMimeType = "application/json";
  return format.type === "json_object"
    ? { responseMimeType }
    : { responseMimeType, responseJsonSchema: format.json_schema.schema };
}

/** Google's own table: https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGETS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
};
const LEVELS: Readonly<Record<string, string>> = { none: "minimal", xhigh: "high" };

/** Where the client sets an effort, thoughts are included in the answer, as with other reasoning models. */
function buildThinking(effort: string | null | undefined, model: string): object | undefined {
  if (effort === null || effort === undefined) return undefined;
  const includeThoughts = effort === "none" ? undefined : true;
  if (thinksByBudget(model) && Object.hasOwn(BUDGETS, effort)) {
    return { thinkingBudget: BUDGETS[effort], includeThoughts };
  }
  const level = Object.hasOwn(LEVELS, effort) ? LEVELS[effort] : effort;
  return { thinkingLevel: level === "minimal" && isPro(model) ? "low" : level, includeThoughts };
}
