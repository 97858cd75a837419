import * as z from "zod/mini";
import { usageSchema } from "../../contract/responses.ts";

const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));
const usage = optional(usageSchema);

/** Older models give the name and the arguments bare, newer ones as OpenAI does. */
export const toolCalls = optional(
  z.array(
    z.looseObject({
      id: optional(z.string()),
      name: optional(z.string()),
      arguments: z.optional(z.unknown()),
      function: optional(z.looseObject({ name: optional(z.string()), arguments: z.optional(z.unknown()) })),
    }),
  ),
);
export type ToolCalls = z.output<typeof toolCalls>;

/** A whole reply, or one event of a stream. In JSON mode `response` is the value itself. */
export const replySchema = z.looseObject({
  response: z.optional(z.unknown()),
  tool_calls: toolCalls,
  usage,
});

export const errorSchema = z.looseObject({
  error: optional(z.union([z.string(), z.looseObject({ message: optional(z.string()) })])),
  errors: optional(z.array(z.looseObject({ message: optional(z.string()) }))),
});

/** Not checked by zod: a large answer has millions of numbers. */
const vector = z.custom<number[]>(
  (value) => Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === "number"),
);

export const vectorsSchema = z.looseObject({ data: z.array(vector), usage });

export const rerankSchema = z.looseObject({
  response: z.array(z.looseObject({ id: z.int(), score: z.number() })),
  usage,
});
