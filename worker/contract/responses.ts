import * as z from "zod/mini";

/**
 * What providers answer and clients get. Loose, like the requests: what a provider adds is passed on. An answer
 * that does not match its schema, such as a page of HTML, is not usable.
 */
const count = z.optional(z.nullable(z.number().check(z.nonnegative())));

export const usageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
});

const usage = z.optional(z.nullable(usageSchema));
const id = z.optional(z.string());
const created = z.optional(z.number());

/** Nearly always text; some providers send parts. It is passed on unchecked. */
const text = z.optional(z.custom<string | null>(() => true));

const envelope = { id, object: z.optional(z.string()), created, model: z.optional(z.string()), usage };
const place = { index: z.optional(z.number()), finish_reason: z.optional(z.nullable(z.string())) };
const said = z.looseObject({ role: z.optional(z.string()), content: text });

export const chatCompletion = z.looseObject({
  ...envelope,
  choices: z.array(z.looseObject({ ...place, message: said })).check(z.minLength(1)),
});

export const chatCompletionChunk = z.looseObject({
  ...envelope,
  choices: z.array(z.looseObject({ ...place, delta: said })),
});

/** Numbers, or base64 of little-endian float32. Not checked one by one: a large answer has millions. */
const vector = z.custom<number[] | string>((value) => Array.isArray(value) || typeof value === "string");

export const embeddingsResponse = z.looseObject({
  object: z.optional(z.string()),
  model: z.optional(z.string()),
  data: z.array(z.looseObject({ index: z.optional(z.number()), embedding: vector })),
  usage,
});

export const rerankResponse = z.looseObject({
  id,
  meta: z.optional(z.nullable(z.looseObject({}))),
  model: z.optional(z.string()),
  results: z.array(
    z.looseObject({
      index: z.number(),
      relevance_score: z.number(),
      document: z.optional(z.nullable(z.looseObject({ text: z.string() }))),
    }),
  ),
  usage,
});

export const completionsResponse = z.looseObject({
  id,
  choices: z.array(z.looseObject({ text: z.string() })),
  usage,
});

export const moderationsResponse = z.looseObject({
  id,
  results: z.array(z.looseObject({ flagged: z.boolean() })),
  usage,
});

/** Only to tell an answer without pictures from one with: their forms are the provider's. */
export const imagesResponse = z.looseObject({
  data: z.array(z.looseObject({})).check(z.minLength(1)),
  usage: z.optional(z.custom<null>(() => true)),
});

const label = z.object({ label: z.string(), score: z.number() });

export const classifyResponse = z.looseObject({
  object: z.literal("list"),
  model: z.string(),
  /** The best label of each input, then all that were considered, best first. */
  data: z.array(
    z.object({ index: z.number(), label: z.string(), score: z.number(), labels: z.array(label) }),
  ),
  usage,
});

export const modelSchema = z.looseObject({
  id: z.string(),
  object: z.literal("model"),
  created: z.number(),
  owned_by: z.string(),
  task: z.string(),
});
export const modelList = z.object({ object: z.literal("list"), data: z.array(modelSchema) });

export type Usage = z.infer<typeof usageSchema>;
export type ChatCompletion = z.infer<typeof chatCompletion>;
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunk>;
export type EmbeddingsResponse = z.infer<typeof embeddingsResponse>;
export type RerankResponse = z.infer<typeof rerankResponse>;
export type ClassifyResponse = z.infer<typeof classifyResponse>;
export type Model = z.infer<typeof modelSchema>;
export type ModelList = z.infer<typeof modelList>;
