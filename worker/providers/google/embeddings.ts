import * as z from "zod/mini";
import { ODDITIES } from "../../contract/config/oddities.ts";
import type { EmbeddingsRequest } from "../../contract/requests.ts";
import type { Answer, AnswerFailure, Connection, ProviderRequest } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { textsOf } from "../../domain/answers/shape-answer.ts";
import { countInputs, findVectorFault } from "../../domain/answers/find-gap.ts";
import { packVector } from "../../domain/answers/pack-vector.ts";
import { ok, type Result } from "../../domain/result.ts";
import { fitInputType } from "../oddities/fit-input-type.ts";
import { findModel, post } from "./build-request.ts";
import { usageMetadataSchema } from "./answer-schema.ts";
import { refuseAnswer, refuseInput } from "./refusals.ts";

/** Builds a batchEmbedContents request; what OpenAI does not know (`taskType`, `title`) goes with each. */
export function buildEmbeddings(
  input: EmbeddingsRequest,
  model: string,
  connection: Connection,
): Result<ProviderRequest, AnswerFailure> {
  const path = findModel(model);
  if (!path.ok) return path;
  const {
    model: _,
    input: given,
    dimensions,
    encoding_format: __,
    user: ___,
    truncation: ____,
    ...own
  } = input;
  const texts = textsOf(given);
  if (!texts) return refuseInput("input: Google embeds texts, neither tokens nor pictures");
  const requests = texts.map((text) => ({
    model: path.value,
    content: { parts: [{ text }] },
    outputDimensionality: dimensions ?? undefined,
    ...fitInputType(ODDITIES.google, own),
  }));
  return ok(post(connection, `${path.value}:batchEmbedContents`, { requests }));
}

/** Not checked one by one: an answer has hundreds of thousands of numbers. */
const values = z.custom<number[]>((value) => Array.isArray(value));
const embeddedSchema = z.looseObject({
  embeddings: z.array(z.looseObject({ values })),
  usageMetadata: z.optional(usageMetadataSchema),
});

/** Reads the vectors, in the order of the texts; most models do not tell what they used. */
export function readEmbeddings(text: string, input: EmbeddingsRequest): Result<Answer, AnswerFailure> {
  const read = parseAnswer(embeddedSchema, text);
  if (!read.ok) return read;
  const { embeddings, usageMetadata } = read.value;
  const asked = countInputs(input.input);
  if (embeddings.length !== asked) return refuseAnswer(`${embeddings.length} vectors for ${asked} texts`);
  const fault = findVectorFault(embeddings.map((each) => each.values));
  if (fault !== undefined) return refuseAnswer(fault);
  const packed = input.encoding_format === "base64";
  const data = embeddings.map((each, index) => ({
    object: "embedding",
    index,
    embedding: packed ? packVector(each.values) : each.values,
  }));
  const tokens = usageMetadata?.promptTokenCount;
  const usage = tokens === undefined ? null : { prompt_tokens: tokens, total_tokens: tokens };
  const body = { object: "list", data, model: input.model, ...(usage ? { usage } : {}) };
  return ok({ body: JSON.stringify(body), usage });
}
