import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { refuse } from "./refuse.ts";

/**
 * How fields of OpenAI's chat request are treated that Anthropic would answer 400 to. A function tells the
 * values without which the answer would not be what was asked for: these are refused by name, others are
 * dropped. Fields that are not listed are sent unchanged: they may be Anthropic's own.
 */
type Fate = "translated" | "dropped" | ((value: unknown) => boolean);

const isSet = (value: unknown) => value !== false;
const holdsAny = (value: unknown) => !isObject(value) || Object.keys(value).length > 0;
const isMoreThanText = (value: unknown) => !Array.isArray(value) || value.some((each) => each !== "text");

const FIELDS: Readonly<Record<string, Fate>> = {
  model: "translated",
  messages: "translated",
  system: "translated",
  stream: "translated",
  max_tokens: "translated",
  max_completion_tokens: "translated",
  stop: "translated",
  temperature: "translated",
  top_p: "translated",
  top_k: "translated",
  tools: "translated",
  tool_choice: "translated",
  parallel_tool_calls: "translated",
  response_format: "translated",
  reasoning_effort: "translated",
  output_config: "translated",
  user: "translated",
  safety_identifier: "translated",
  metadata: "translated",
  service_tier: "translated",
  /** Hints: without them the answer is still a valid one. */
  seed: "dropped",
  presence_penalty: "dropped",
  frequency_penalty: "dropped",
  prediction: "dropped",
  verbosity: "dropped",
  /** About OpenAI's own storage, cache and streams; Anthropic's streams always have usage. */
  store: "dropped",
  prompt_cache_key: "dropped",
  prompt_cache_retention: "dropped",
  stream_options: "dropped",
  /** Parts of an answer that the client would not get. */
  n: (value) => value !== 1,
  logprobs: isSet,
  top_logprobs: (value) => value !== 0,
  logit_bias: holdsAny,
  modalities: isMoreThanText,
  audio: isSet,
  web_search_options: isSet,
  functions: isSet,
  function_call: (value) => value !== "none",
};

/** Sorts a request's fields: gives those that are sent unchanged, or refuses one by its name. */
export function sortFields(input: ChatRequest): Result<JsonObject, AnswerFailure> {
  const untouched: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const fate = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (fate === undefined) untouched[name] = value;
    else if (typeof fate === "function" && value !== null && value !== undefined && fate(value))
      return refuse(name, "Anthropic's models have nothing like it");
  }
  return ok(untouched);
}
