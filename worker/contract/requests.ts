import * as z from "zod/mini";

/**
 * What a client may send. Objects are loose: fields nobody here knows go to the provider untouched.
 * Only what the gateway itself reads is checked.
 */
const model = z.string().check(z.minLength(1), z.maxLength(256));
const strings = z.array(z.string()).check(z.minLength(1), z.maxLength(2048));
const text = z.union([z.string(), strings]);
const tokens = z.array(z.int().check(z.nonnegative())).check(z.minLength(1));
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));

export const chatRequest = z.looseObject({
  model,
  messages: z.array(z.looseObject({ role: z.string() })).check(z.minLength(1)),
  stream: optional(z.boolean()),
  stream_options: optional(z.looseObject({ include_usage: optional(z.boolean()) })),
  temperature: optional(z.number()),
});

export const embeddingsRequest = z.looseObject({
  model,
  input: z.union([text, tokens, z.array(tokens).check(z.minLength(1), z.maxLength(2048))]),
  encoding_format: optional(z.enum(["float", "base64"])),
  dimensions: optional(z.int().check(z.positive())),
});

export const rerankRequest = z.looseObject({
  model,
  query: z.string(),
  documents: z
    .array(z.union([z.string(), z.looseObject({ text: z.string() })]))
    .check(z.minLength(1), z.maxLength(2048)),
  top_n: optional(z.int().check(z.positive())),
  return_documents: optional(z.boolean()),
});

export const classifyRequest = z.looseObject({ model, input: text });

/** The request schema of each task; the keys are the tasks. */
export const requestSchemas = {
  chat: chatRequest,
  embeddings: embeddingsRequest,
  rerank: rerankRequest,
  classify: classifyRequest,
} as const;

export type Task = keyof typeof requestSchemas;
export const TASKS = Object.keys(requestSchemas) as [Task, ...Task[]];

export type ChatRequest = z.infer<typeof chatRequest>;
export type EmbeddingsRequest = z.infer<typeof embeddingsRequest>;
export type RerankRequest = z.infer<typeof rerankRequest>;
export type ClassifyRequest = z.infer<typeof classifyRequest>;

/** A validated body with the task it is for. */
export interface TaskRequests {
  chat: ChatRequest;
  embeddings: EmbeddingsRequest;
  rerank: RerankRequest;
  classify: ClassifyRequest;
}
