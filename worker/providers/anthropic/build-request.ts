import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { readThoughts } from "./build-assistant.ts";
import { type Conversation, buildConversation } from "./build-conversation.ts";
import { buildFormat, type Format } from "./build-format.ts";
import { buildSampling, buildThinking, type Thinking } from "./build-thinking.ts";
import { buildTools, isForced } from "./build-tools.ts";
import { sortFields } from "./chat-fields.ts";
import { generationOf } from "./generations.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/**
 * Translates a chat request to the body of a message request for the model. Fails on what Anthropic has no
 * counterpart for, naming the field; `chat-fields.ts` says how each field is treated.
 */
export function buildMessageRequest(input: ChatRequest, model: string): Result<JsonObject, AnswerFailure> {
  const untouched = sortFields(input);
  if (!untouched.ok) return untouched;
  const conversation = buildConversation(input.messages);
  if (!conversation.ok) return conversation;
  const tools = buildTools(input);
  if (!tools.ok) return tools;
  const format = buildFormat(input["response_format"]);
  if (!format.ok) return format;
  const generation = generationOf(model);
  const maxTokens = input["max_completion_tokens"] ?? input["max_tokens"] ?? generation.defaultMaxTokens;
  const asked = buildThinking(input, {
    generation,
    maxTokens: Number(maxTokens),
    toolForced: isForced(tools.value),
    thoughtsLost: hasLostThoughts(input.messages),
  });
  const thinking = asked.thinking ?? untouched.value["thinking"] ?? undefined;
  return ok({
    ...untouched.value,
    model,
    max_tokens: maxTokens,
    ...buildSystem(input["system"], conversation.value, format.value),
    messages: conversation.value.messages,
    ...tools.value,
    ...(thinking === undefined ? {} : { thinking }),
    ...buildOutputConfig(input["output_config"], format.value, asked),
    ...buildSampling(input, generation, thinking),
    ...buildStop(input["stop"]),
    ...buildMetadata(input),
    ...buildServiceTier(input["service_tier"]),
    ...(input.stream === true ? { stream: true } : {}),
  });
}

/** Anthropic's own `system` comes first, where a client sends that as well. */
function buildSystem(own: unknown, { system }: Conversation, { instruction }: Format): JsonObject {
  const before = typeof own === "string" ? [{ type: "text", text: own }] : Array.isArray(own) ? own : [];
  const after = instruction === undefined ? [] : [{ type: "text", text: instruction }];
  const blocks = [...(before as readonly JsonObject[]), ...system, ...after];
  const [only] = blocks;
  if (!only) return {};
  const plain = blocks.length === 1 && Object.keys(only).length === 2 && typeof only["text"] === "string";
  return { system: plain ? only["text"] : blocks };
}

function buildOutputConfig(own: unknown, { format }: Format, { effort }: Thinking): JsonObject {
  const config = {
    ...asObject(own),
    ...(format ? { format } : {}),
    ...(effort === undefined ? {} : { effort }),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

function buildStop(stop: unknown): JsonObject {
  if (stop === undefined || stop === null) return {};
  return { stop_sequences: Array.isArray(stop) ? stop : [stop] };
}

/** Anthropic's metadata has only the user; OpenAI's labels are for answers that OpenAI stores. */
function buildMetadata(input: ChatRequest): JsonObject {
  const { user, safety_identifier: identifier, metadata } = input;
  const id = user ?? identifier ?? asObject(metadata)["user_id"];
  return typeof id === "string" ? { metadata: { user_id: id } } : {};
}

/** Only `auto` of OpenAI's tiers is also one of Anthropic's. */
const buildServiceTier = (tier: unknown): JsonObject =>
  tier === "auto" || tier === "standard_only" ? { service_tier: tier } : {};

/** Whether the turn that the model is in has calls of tools without the thinking that led to them. */
function hasLostThoughts(messages: ChatRequest["messages"]): boolean {
  if (messages.at(-1)?.role !== "tool") return false;
  const caller = messages.findLast(({ role }) => role === "assistant");
  return caller !== undefined && readThoughts(caller).length === 0;
}
