import type { EmbeddingsRequest, RerankRequest } from "../../contract/requests.ts";
import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import type { Result } from "../../domain/result.ts";
import { shapeEmbeddings, shapeRerank } from "../../domain/answers/shape-answer.ts";
import { rerankSchema, vectorsSchema } from "./schema.ts";

/** `{shape, data: [vector, …]}`. */
export function readVectors(text: string, input: EmbeddingsRequest): Result<Answer, AnswerFailure> {
  const parsed = parseAnswer(vectorsSchema, text);
  return parsed.ok ? shapeEmbeddings(parsed.value.data, input, parsed.value.usage ?? null) : parsed;
}

/** `{response: [{id, score}, …]}`, where the id is the document's index. */
export function readRerank(text: string, input: RerankRequest): Result<Answer, AnswerFailure> {
  const parsed = parseAnswer(rerankSchema, text);
  if (!parsed.ok) return parsed;
  const { response, usage } = parsed.value;
  const scores = response.map(({ id, score }) => ({ index: id, score }));
  return shapeRerank(scores, input, usage ?? null);
}
