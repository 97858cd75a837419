import {
  type CohereEmbedRequest,
  cohereEmbedRequest,
  type CohereEmbedResponse,
} from "../../contract/cohere-embed.ts";
import type { EmbeddingsResponse } from "../../contract/responses.ts";
import { packVector } from "../../domain/answers/pack-vector.ts";
import { parseBody } from "../../domain/requests/parse-request.ts";
import { err, ok } from "../../domain/result.ts";
import type { ReadForm } from "./asked-form.ts";

/**
 * Reads a request of a version of Cohere's embed. What a text is for, and whether it may be cut, is told to
 * providers that know of it; what only Cohere has (`max_tokens`, `priority`) is left out, for others refuse it.
 */
export const readCohereEmbed =
  (version: "1" | "2"): ReadForm =>
  (json) => {
    const parsed = parseBody(cohereEmbedRequest, json);
    if (!parsed.ok) return parsed;
    const asked = parsed.value;
    const texts =
      asked.texts ?? asked.inputs?.map(({ content }) => content.map(({ text }) => text).join("\n"));
    if (!texts)
      return err({ code: "invalid_request", param: "texts", message: "texts: expected a list of texts" });
    const { model, output_dimension: dimensions, input_type, truncate } = asked;
    const more = {
      ...(dimensions == null ? {} : { dimensions }),
      ...(input_type == null ? {} : { input_type }),
      // Where a text could only be cut at the other end, it is not cut.
      ...(truncate == null ? {} : { truncation: truncate === "END" }),
    };
    return ok({
      body: { model, input: texts, encoding_format: "float", ...more },
      write: (answer) => writeEmbeddings(answer as EmbeddingsResponse, { asked, texts, version }),
    });
  };

interface Asked {
  readonly asked: CohereEmbedRequest;
  readonly texts: readonly string[];
  readonly version: string;
}

function writeEmbeddings(
  { data, usage }: EmbeddingsResponse,
  { asked: { embedding_types: types }, texts, version }: Asked,
): CohereEmbedResponse {
  const vectors = data
    .toSorted((left, right) => (left.index ?? 0) - (right.index ?? 0))
    .map(({ embedding }) => embedding as number[]);
  const rest = {
    texts: [...texts],
    meta: {
      api_version: { version },
      ...(usage?.prompt_tokens == null ? {} : { billed_units: { input_tokens: usage.prompt_tokens } }),
    },
  };
  const id = "embed-headrace";
  // The first version gives bare vectors to who names no type.
  if (version === "1" && !types)
    return { id, response_type: "embeddings_floats", embeddings: vectors, ...rest };
  const wanted = types ?? ["float"];
  const embeddings = {
    ...(wanted.includes("float") ? { float: vectors } : {}),
    ...(wanted.includes("base64") ? { base64: vectors.map(packVector) } : {}),
  };
  return { id, response_type: "embeddings_by_type", embeddings, ...rest };
}
