import {
  type CohereEmbedResponse,
  cohereEmbedRequest,
  type EmbeddingType,
} from "../../contract/cohere-embed.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { EmbeddingsResponse } from "../../contract/responses.ts";
import { packVector } from "../../domain/answers/pack-vector.ts";
import { parseBody } from "../../domain/requests/parse-request.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** A request of Cohere's form: what to ask in ours, and how to write the answer. */
export interface AskedForm {
  readonly body: object;
  write(answer: unknown): object;
}

/**
 * Reads a request of Cohere's embed. What only Cohere has (`input_type`, `truncate`, `max_tokens`) is left out,
 * for other providers refuse it.
 */
export function readCohereEmbed(json: unknown): Result<AskedForm, GatewayError> {
  const parsed = parseBody(cohereEmbedRequest, json);
  if (!parsed.ok) return parsed;
  const { model, inputs, embedding_types: types, output_dimension: dimensions } = parsed.value;
  const texts =
    parsed.value.texts ?? inputs?.map(({ content }) => content.map(({ text }) => text).join("\n"));
  if (!texts)
    return err({ code: "invalid_request", param: "texts", message: "texts: expected a list of texts" });
  return ok({
    body: { model, input: texts, encoding_format: "float", ...(dimensions == null ? {} : { dimensions }) },
    write: (answer) => writeEmbeddings(answer as EmbeddingsResponse, texts, types ?? ["float"]),
  });
}

function writeEmbeddings(
  { data, usage }: EmbeddingsResponse,
  texts: readonly string[],
  types: readonly EmbeddingType[],
): CohereEmbedResponse {
  const vectors = data
    .toSorted((left, right) => (left.index ?? 0) - (right.index ?? 0))
    .map(({ embedding }) => embedding as number[]);
  return {
    id: "embed-headrace",
    response_type: "embeddings_by_type",
    embeddings: {
      ...(types.includes("float") ? { float: vectors } : {}),
      ...(types.includes("base64") ? { base64: vectors.map(packVector) } : {}),
    },
    texts: [...texts],
    meta: {
      api_version: { version: "2" },
      ...(usage?.prompt_tokens == null ? {} : { billed_units: { input_tokens: usage.prompt_tokens } }),
    },
  };
}
