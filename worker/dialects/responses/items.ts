import * as z from "zod/mini";

/** The parts of input items that the dialect reads; all others exist only in the Responses API. */
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));

const parts = z.array(z.looseObject({ type: z.string() }));

export const inputText = z.looseObject({ text: z.string() });
export const inputRefusal = z.looseObject({ refusal: z.string() });
export const inputImage = z.looseObject({ image_url: z.string(), detail: optional(z.string()) });
export const inputFile = z.looseObject({ file_data: z.string(), filename: optional(z.string()) });
export const inputAudio = z.looseObject({
  input_audio: z.looseObject({ data: z.string(), format: z.string() }),
});

export const messageItem = z.looseObject({
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), parts]),
});
export const functionCall = z.looseObject({
  call_id: z.string(),
  name: z.string(),
  namespace: optional(z.string()),
  arguments: z.string(),
});
export const customCall = z.looseObject({ call_id: z.string(), name: z.string(), input: z.string() });
export const functionCallOutput = z.looseObject({
  call_id: z.string(),
  /** The call's, which clients may add. */
  name: optional(z.string()),
  namespace: optional(z.string()),
  output: z.union([z.string(), parts]),
});
export const reasoning = z.looseObject({
  encrypted_content: optional(z.string()),
  content: optional(z.array(z.looseObject({ text: z.string() }))),
  summary: optional(z.array(z.looseObject({ text: z.string() }))),
});
export const itemReference = z.looseObject({ id: z.string() });

export const functionTool = z.looseObject({
  type: z.literal("function"),
  name: z.string(),
  description: optional(z.string()),
  parameters: optional(z.looseObject({})),
  strict: optional(z.boolean()),
});

export const customTool = z.looseObject({ name: z.string() });

export const textFormat = z.looseObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  name: optional(z.string()),
  description: optional(z.string()),
  schema: optional(z.looseObject({})),
  strict: optional(z.boolean()),
});

/** The fields of a request that are called otherwise or placed elsewhere in chat, or do not exist there. */
export const fields = z.looseObject({
  instructions: optional(z.string()),
  tools: optional(z.array(z.looseObject({ type: z.string() }))),
  tool_choice: optional(
    z.union([
      z.enum(["none", "auto", "required"]),
      z.looseObject({ type: z.string(), name: optional(z.string()), namespace: optional(z.string()) }),
    ]),
  ),
  parallel_tool_calls: optional(z.boolean()),
  text: optional(z.looseObject({ format: optional(z.looseObject({})), verbosity: optional(z.string()) })),
  reasoning: optional(z.looseObject({ effort: optional(z.string()) })),
  max_output_tokens: optional(z.int().check(z.positive())),
  metadata: optional(z.catchall(z.object({}), z.string())),
  include: optional(z.array(z.string())),
});
export type Fields = z.infer<typeof fields>;
