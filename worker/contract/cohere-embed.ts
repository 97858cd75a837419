import * as z from "zod/mini";

const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));

/** Cohere's embed, versions 1 and 2, as far as any embeddings model can answer it. */
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
  embedding_types: optional(z.array(z.enum(["float", "base64"])).check(z.minLength(1))),
  output_dimension: optional(z.int().check(z.positive())),
  input_type: optional(z.string()),
  truncate: optional(z.enum(["NONE", "START", "END"])),
});

const vectors = z.array(z.array(z.number()));
const rest = { id: z.string(), texts: z.array(z.string()), meta: z.looseObject({}) };

export const cohereEmbedResponse = z.discriminatedUnion("response_type", [
  z.looseObject({
    response_type: z.literal("embeddings_by_type"),
    embeddings: z.object({ float: z.optional(vectors), base64: z.optional(z.array(z.string())) }),
    ...rest,
  }),
  /** Of version 1, where the request names no types. */
  z.looseObject({ response_type: z.literal("embeddings_floats"), embeddings: vectors, ...rest }),
]);

export type CohereEmbedRequest = z.infer<typeof cohereEmbedRequest>;
export type CohereEmbedResponse = z.infer<typeof cohereEmbedResponse>;
