import { ODDITIES } from "../../contract/config/oddities.ts";
import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure, Connection, ProviderRequest } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { createFitChat, translateFitted } from "../oddities/fit-chat.ts";
import { buildContents } from "./build-contents.ts";
import { buildGenerationConfig } from "./build-generation-config.ts";
import { findModel, post, readInput } from "./build-request.ts";
import { buildToolConfig, buildTools } from "./build-tools.ts";
import { type ChatInput, chatInput } from "./chat-input.ts";

/** OpenAI's fields that do not change the answer, or have no counterpart at Google. */
const WITHOUT_COUNTERPART: ReadonlySet<string> = new Set([
  "model",
  "stream",
  "stream_options",
  "user",
  "store",
  "metadata",
  "parallel_tool_calls",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "prediction",
  "verbosity",
  "logit_bias",
]);

const fit = createFitChat(ODDITIES.google);

/** Builds a generateContent request from a chat; unknown fields are sent to Google unchanged. */
export function buildChat(
  input: ChatRequest,
  model: string,
  connection: Connection,
): Result<ProviderRequest, AnswerFailure> {
  return translateFitted(input, fit(input, model), (each) => translate(each, model, connection));
}

function translate(
  input: ChatRequest,
  model: string,
  connection: Connection,
): Result<ProviderRequest, AnswerFailure> {
  const path = findModel(model);
  if (!path.ok) return path;
  const read = readInput(chatInput, input);
  if (!read.ok) return read;
  const method = input.stream === true ? "streamGenerateContent?alt=sse" : "generateContent";
  const body = {
    ...buildContents(read.value.messages, model),
    tools: buildTools(read.value),
    toolConfig: buildToolConfig(read.value),
    generationConfig: buildGenerationConfig(read.value, model),
    ...passOn(input, read.value),
  };
  return ok(post(connection, `${path.value}:${method}`, body));
}

/** Google's own fields, and those of `extra_body.google`, where its compatible endpoint has them. */
function passOn(input: ChatRequest, read: ChatInput): object {
  const unknown = Object.entries(input).filter(
    ([name, value]) =>
      !WITHOUT_COUNTERPART.has(name) && !Object.hasOwn(chatInput.shape, name) && !isDefaultTier(name, value),
  );
  const { thinking_config: _, ...own } = read.extra_body?.google ?? {};
  return { ...Object.fromEntries(unknown), ...own };
}

/** OpenAI's tiers that ask for nothing special; Google has the others too. */
const isDefaultTier = (name: string, value: unknown): boolean =>
  name === "service_tier" && (value === null || value === "auto" || value === "default");
