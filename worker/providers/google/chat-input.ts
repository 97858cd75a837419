import { readJsonObject } from "../../domain/requests/json-object.ts";
import * as z from "zod/mini";

/**
 * The fields of a chat request that have to be translated for Google. They are parsed here, so that the
 * translation itself cannot fail; other fields are not checked.
 */
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));
const record = z.record(z.string(), z.unknown());
const strings = z.array(z.string());

/** Where Google's own OpenAI-compatible endpoint puts what OpenAI has no field for. */
const extraContent = optional(
  z.looseObject({
    google: optional(
      z.looseObject({ thought_signature: optional(z.string()), parts: optional(z.array(record)) }),
    ),
  }),
);

const link = z.object({ url: z.string() });
const partSchema = z.union([
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("refusal"), refusal: z.string() }),
    z.object({ type: z.literal("image_url"), image_url: link }),
    z.object({ type: z.literal("video_url"), video_url: link }),
    z.object({
      type: z.literal("input_audio"),
      input_audio: z.object({ data: z.string(), format: z.string() }),
    }),
    z.object({
      type: z.literal("file"),
      file: z.object({ file_data: optional(z.string()), file_id: optional(z.string()) }),
    }),
  ]),
  /** One of Google's own parts, as it is. */
  z.looseObject({ type: z.optional(z.undefined()) }),
]);
const content = z.union([z.string(), z.array(partSchema)]);

const toolCall = z.object({
  id: optional(z.string()),
  function: z.object({
    name: z.string(),
    arguments: z.string().check(z.refine(holdsArguments, "the arguments are not a JSON object")),
  }),
  extra_content: extraContent,
});

const messageSchema = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "developer"]), content }),
  z.object({ role: z.literal("user"), content }),
  z.object({
    role: z.literal("assistant"),
    content: optional(content),
    tool_calls: optional(z.array(toolCall)),
    extra_content: extraContent,
  }),
  z.object({
    role: z.literal("tool"),
    tool_call_id: z.string(),
    name: optional(z.string()),
    content,
  }),
]);

const named = z.object({ function: z.object({ name: z.string() }) });
const toolSchema = z.union([
  z.object({
    type: z.literal("function"),
    function: z.object({
      name: z.string(),
      description: optional(z.string()),
      parameters: optional(record),
    }),
  }),
  /** One of Google's own tools (googleSearch, codeExecution, urlContext), as it is. */
  z.looseObject({ type: z.optional(z.undefined()) }),
]);

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), ...named.shape }),
  z.object({
    type: z.literal("allowed_tools"),
    allowed_tools: z.object({ mode: z.enum(["auto", "required"]), tools: z.array(named) }),
  }),
]);

const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({ schema: z.optional(z.unknown()) }),
  }),
]);

export const chatInput = z.object({
  messages: z.array(messageSchema),
  tools: optional(z.array(toolSchema)),
  tool_choice: optional(toolChoiceSchema),
  web_search_options: optional(z.unknown()),
  temperature: optional(z.number()),
  top_p: optional(z.number()),
  top_k: optional(z.number()),
  max_tokens: optional(z.number()),
  max_completion_tokens: optional(z.number()),
  stop: optional(z.union([z.string(), strings])),
  n: optional(z.number()),
  seed: optional(z.number()),
  presence_penalty: optional(z.number()),
  frequency_penalty: optional(z.number()),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.number()),
  modalities: optional(strings),
  response_format: optional(responseFormat),
  reasoning_effort: optional(z.string()),
  /** Google's own generationConfig, which counts before OpenAI's fields. */
  generationConfig: optional(record),
  extra_body: optional(
    z.looseObject({ google: optional(z.looseObject({ thinking_config: optional(record) })) }),
  ),
});

export type ChatInput = z.infer<typeof chatInput>;
export type Message = z.infer<typeof messageSchema>;
export type AssistantMessage = Extract<Message, { role: "assistant" }>;
export type Content = z.infer<typeof content>;
export type Part = z.infer<typeof partSchema>;
export type ToolCall = z.infer<typeof toolCall>;

/** A call without arguments is often written as no text at all. */
function holdsArguments(text: string): boolean {
  return text.trim() === "" || readJsonObject(text) !== undefined;
}
