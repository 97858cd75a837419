import * as z from "zod/mini";
import type { Preset } from "../../contract/config/presets.ts";
import type { Usage } from "../../contract/responses.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { shapeEmbeddings, textsOf } from "../../domain/answers/shape-answer.ts";
import { err, ok } from "../../domain/result.ts";
import type { HttpTask } from "../../domain/routing/adapter.ts";
import { fitInputType } from "../oddities/fit-input-type.ts";
import { postJson } from "./post-json.ts";

/**
 * Embeddings in Cohere's own form, version 2: what it has in OpenAI's form knows neither dimensions nor what a
 * text is for. https://docs.cohere.com/reference/embed
 */
export const cohereEmbeddings = (
  preset: Preset,
  path: string,
): Omit<HttpTask<"embeddings">, "maxInputs"> => ({
  kind: "http",
  buildRequest(asked, model, connection) {
    const { model: _, input, encoding_format: __, dimensions, truncation, user: ___, ...rest } = asked;
    const texts = textsOf(input);
    if (!texts) {
      const message = "input: Cohere embeds texts, neither tokens nor pictures";
      return err({ kind: "invalid_input", reason: message, message });
    }
    const body = {
      // Its models want to be told; what is to be found is what most texts are.
      input_type: "search_document",
      ...fitInputType(preset, rest),
      model,
      texts,
      embedding_types: ["float"],
      ...(dimensions == null ? {} : { output_dimension: dimensions }),
      ...(truncation === undefined ? {} : { truncate: truncation === false ? "NONE" : "END" }),
    };
    return ok(postJson(connection, path, body));
  },
  parseResponse(text, input) {
    const parsed = parseAnswer(answer, text);
    if (!parsed.ok) return parsed;
    const { embeddings, meta: told } = parsed.value;
    return shapeEmbeddings(embeddings.float, input, toUsage(told));
  },
  readUsage(text) {
    const parsed = parseAnswer(z.looseObject({ meta }), text);
    return parsed.ok ? toUsage(parsed.value.meta) : null;
  },
});

const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));
/** Not checked one by one: an answer has hundreds of thousands of numbers. */
const vector = z.custom<number[]>((value) => Array.isArray(value));
const count = z.number().check(z.nonnegative());
const meta = optional(
  z.looseObject({ billed_units: optional(z.looseObject({ input_tokens: optional(count) })) }),
);
const answer = z.looseObject({ embeddings: z.looseObject({ float: z.array(vector) }), meta });

function toUsage(told: z.infer<typeof meta>): Usage | null {
  const tokens = told?.billed_units?.input_tokens;
  return tokens == null ? null : { prompt_tokens: tokens, total_tokens: tokens };
}
