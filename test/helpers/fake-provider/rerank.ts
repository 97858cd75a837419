import { asObject, asText, countTokens, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/**
 * Answers `POST /v1/rerank` in the shape Cohere and Jina share: the score of a document is the part
 * of the query's words it holds; best first, and the earlier of two equals first.
 */
export function answerRerank(body: JsonObject): Reply {
  const { query, documents } = body;
  if (typeof query !== "string" || !Array.isArray(documents)) {
    return failure(400, "'query' and 'documents' are required.", "invalid_request");
  }
  const texts = documents.map(textOf);
  const topN = typeof body["top_n"] === "number" ? body["top_n"] : texts.length;
  const results = texts
    .map((text, index) => ({
      index,
      relevance_score: score(query, text),
      ...(body["return_documents"] === true ? { document: { text } } : {}),
    }))
    .toSorted((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, topN);
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), countTokens(query));
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return ok({ id: `rerank-${tokens}`, model: String(body["model"]), results, usage });
}

function textOf(document: unknown): string {
  return asText(typeof document === "string" ? document : asObject(document)["text"]);
}

function score(query: string, text: string): number {
  const wanted = new Set(query.toLowerCase().split(/\s+/u));
  const held = new Set(text.toLowerCase().split(/\s+/u));
  return [...wanted].filter((word) => held.has(word)).length / wanted.size;
}
