import * as z from "zod/mini";

const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));
const TYPES = ["float", "base64"] as const;
export type EmbeddingType = (typeof TYPES)[number];

/** Cohere's embed, version 2, as far as any embeddings model can answer it. */
export const cohereEmbedRequest = z.looseObject({
  model: z.string().check(z.minLength(1), z.maxLength(256)),
  texts: optional(z.array(z.string()).check(z.minLength(1), z.maxLength(2048))),
  inputs: optional(
    z.array(
      z.looseObject({
        content: z.array(z.looseObject({ type: z.literal("text"), text: z.string() })).check(z.minLength(1)),
      }),
    ),
  ),
  embedding_types: optional(z.array(z.enum(TYPES)).check(z.minLength(1))),
  output_dimension: optional(z.int().check(z.positive())),
});

export const cohereEmbedResponse = z.looseObject({
  id: z.string(),
  response_type: z.literal("embeddings_by_type"),
  embeddings: z.object({
    float: z.optional(z.array(z.array(z.number()))),
    base64: z.optional(z.array(z.string())),
  }),
  texts: z.array(z.string()),
  meta: z.looseObject({}),
});

export type CohereEmbedResponse = z.infer<typeof cohereEmbedResponse>;
