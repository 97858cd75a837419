import * as z from "zod/mini";
import { tokenList as tokens } from "./token-list.ts";

/**
 * What a client may send. Objects are loose: fields that are not listed go to the provider unchanged. Only
 * fields that the gateway itself reads are checked.
 */
const model = z.string().check(z.minLength(1), z.maxLength(256));
const strings = z.array(z.string()).check(z.minLength(1), z.maxLength(2048));
const text = z.union([z.string(), strings]);
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));

const streamed = {
  stream: optional(z.boolean()),
  stream_options: optional(z.looseObject({ include_usage: optional(z.boolean()) })),
  temperature: optional(z.number()),
};

export const chatRequest = z.looseObject({
  model,
  messages: z.array(z.looseObject({ role: z.string() })).check(z.minLength(1)),
  ...streamed,
});

/** Something to embed or rank that is not text: a picture, as a provider's own form has it. */
const media = z.looseObject({});

export const embeddingsRequest = z.looseObject({
  model,
  input: z.union([
    text,
    tokens,
    z.array(tokens).check(z.minLength(1), z.maxLength(2048)),
    z.array(z.union([z.string(), media])).check(z.minLength(1), z.maxLength(2048)),
  ]),
  encoding_format: optional(z.enum(["float", "base64"])),
  dimensions: optional(z.int().check(z.positive())),
});

export const rerankRequest = z.looseObject({
  model,
  query: z.union([z.string(), media]),
  documents: z.array(z.union([z.string(), media])).check(z.minLength(1), z.maxLength(2048)),
  top_n: optional(z.int().check(z.positive())),
  return_documents: optional(z.boolean()),
});

export const classifyRequest = z.looseObject({ model, input: text });

/** OpenAI's legacy completions. */
const completionsRequest = z.looseObject({
  model,
  prompt: z.union([text, tokens, z.array(tokens).check(z.minLength(1))]),
  ...streamed,
});

/** What a server that stores them can answer without an input, for they have one. */
const STORED = ["prompt", "previous_response_id", "conversation"] as const;

/** OpenAI's Responses API: a dialect of chat. */
const responsesRequest = z
  .looseObject({
    model,
    input: optional(z.union([z.string(), z.array(z.looseObject({}))])),
    stream: optional(z.boolean()),
    temperature: optional(z.number()),
  })
  .check(
    z.refine((body) => body.input != null || STORED.some((name) => body[name] != null), {
      path: ["input"],
      error: "expected a text, a list of items, or a stored prompt",
    }),
  );

const anthropicMessages = z
  .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(z.looseObject({}))]) }))
  .check(z.minLength(1));

/** Anthropic's Messages API: a dialect of chat. */
const messagesRequest = z.looseObject({
  model,
  messages: anthropicMessages,
  max_tokens: z.int().check(z.positive()),
  stream: optional(z.boolean()),
  temperature: optional(z.number()),
});

/** How many tokens a request of the Messages API would be; it need not say how many may be answered. */
const countTokensRequest = z.looseObject({ model, messages: anthropicMessages });

const moderationsRequest = z.looseObject({
  model,
  input: z.union([
    text,
    z.array(z.looseObject({ type: z.string() })).check(z.minLength(1), z.maxLength(2048)),
  ]),
});

const imagesRequest = z.looseObject({ model, prompt: z.string(), n: optional(z.int().check(z.positive())) });
const speechRequest = z.looseObject({ model, input: z.string(), voice: optional(z.unknown()) });

/** The request schema of each task; the keys are the tasks. */
export const requestSchemas = {
  chat: chatRequest,
  completions: completionsRequest,
  responses: responsesRequest,
  messages: messagesRequest,
  countTokens: countTokensRequest,
  embeddings: embeddingsRequest,
  rerank: rerankRequest,
  classify: classifyRequest,
  moderations: moderationsRequest,
  images: imagesRequest,
  speech: speechRequest,
} as const;

export type Task = keyof typeof requestSchemas;
export const TASKS = Object.keys(requestSchemas) as [Task, ...Task[]];

/** Those whose requests need no `model` with OpenAI: the only route of the task is meant. */
export const MODEL_OPTIONAL: ReadonlySet<Task> = new Set(["moderations", "images", "responses"]);

/** The tasks of routes. Dialects of chat use chat routes; transcriptions have no JSON body. */
export const ROUTE_TASKS = [
  "chat",
  "completions",
  "embeddings",
  "rerank",
  "classify",
  "moderations",
  "images",
  "speech",
  "transcriptions",
] as const;
export type RouteTask = (typeof ROUTE_TASKS)[number];

/** The task of the routes that answer a request. */
export const routeTaskOf = (task: Task): RouteTask =>
  task === "responses" || task === "messages" || task === "countTokens" ? "chat" : task;

/** Whether a task is of Anthropic's API, whose clients know errors of its own form only. */
export const isAnthropic = (task: Task | undefined): boolean => task === "messages" || task === "countTokens";

/** Whether the answers to a task's requests can be a stream of events. */
export const canStream = (task: Task): boolean =>
  ["chat", "completions"].includes(routeTaskOf(task)) && task !== "countTokens";

/** Whether the client wants its answer as a stream. */
export const isStreamed = (body: object): boolean => (body as { stream?: unknown }).stream === true;

export type ChatRequest = z.infer<typeof chatRequest>;
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;
export type RerankRequest = z.infer<typeof rerankRequest>;
export type ClassifyRequest = z.infer<typeof classifyRequest>;

/** A validated body, by the task it is for. */
export type TaskRequests = { [T in Task]: z.infer<(typeof requestSchemas)[T]> };
