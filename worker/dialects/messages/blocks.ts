import * as z from "zod/mini";

/** The parts of a request that the dialect reads; all others exist only in the Messages API. */
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));
const blocks = z.array(z.looseObject({ type: z.string() }));

/** A mark of where the prompt may be cached. */
const cache_control = optional(z.looseObject({}));

export const text = z.looseObject({ text: z.string(), cache_control });
export const base64Image = z.looseObject({ media_type: z.string(), data: z.string() });
export const urlImage = z.looseObject({ url: z.string() });
export const image = z.looseObject({ source: z.looseObject({ type: z.string() }), cache_control });
export const document = z.looseObject({
  source: z.looseObject({ type: z.string() }),
  title: optional(z.string()),
  context: optional(z.string()),
  cache_control,
});
export const base64Document = z.looseObject({ media_type: z.string(), data: z.string() });
export const textDocument = z.looseObject({ data: z.string() });
export const contentDocument = z.looseObject({ content: z.union([z.string(), blocks]) });
export const searchResult = z.looseObject({
  title: z.string(),
  source: z.string(),
  content: z.array(z.looseObject({ text: z.string() })),
  cache_control,
});
export const thinking = z.looseObject({ thinking: z.string() });
export const toolUse = z.looseObject({ id: z.string(), name: z.string(), input: z.looseObject({}) });
export const toolResult = z.looseObject({
  tool_use_id: z.string(),
  content: optional(z.union([z.string(), blocks])),
  cache_control,
});

export const message = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), blocks]),
});

export const tool = z.looseObject({
  name: z.string(),
  description: optional(z.string()),
  input_schema: z.looseObject({}),
  strict: optional(z.boolean()),
  cache_control,
});

/** The fields of a request that are called otherwise or placed elsewhere in chat, or do not exist there. */
export const fields = z.looseObject({
  system: optional(z.union([z.string(), z.array(z.looseObject({ type: z.string(), ...text.shape }))])),
  stop_sequences: optional(z.array(z.string())),
  tools: optional(z.array(z.looseObject({ type: optional(z.string()) }))),
  tool_choice: optional(
    z.looseObject({
      type: z.enum(["auto", "any", "tool", "none"]),
      name: optional(z.string()),
      disable_parallel_tool_use: optional(z.boolean()),
    }),
  ),
  thinking: optional(z.looseObject({ type: z.string(), budget_tokens: optional(z.number()) })),
  output_config: optional(
    z.looseObject({
      effort: optional(z.string()),
      format: optional(z.looseObject({ type: z.literal("json_schema"), schema: z.looseObject({}) })),
    }),
  ),
  metadata: optional(z.looseObject({ user_id: optional(z.string()) })),
});
export type Fields = z.infer<typeof fields>;
