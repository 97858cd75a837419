import type { RerankRequest } from "../../contract/requests.ts";
import type { Answer, LocalTask } from "../../domain/routing/adapter.ts";
import { documentTexts, RERANK_HEAD } from "../../domain/answers/shape-answer.ts";
import { ok } from "../../domain/result.ts";
import { embedText } from "./embed-text.ts";
import type { EmbeddedModels } from "./models.ts";
import { WORDS_EN } from "./models.ts";
import { refuse, refuseLength, refuseModel } from "./refusals.ts";
import { prepareSearch } from "./score-document.ts";
import type { WordVectors } from "./word-vectors.ts";

const DECIMALS = 1e6;

/** Rerank in the shape of Cohere's and Jina's: best first, equal scores in the order they came. */
export function rerankTask(models: EmbeddedModels): LocalTask<"rerank"> {
  return {
    kind: "local",
    answer(input, model) {
      if (model !== WORDS_EN) return refuseModel(model, [WORDS_EN]);
      const { query } = input;
      const texts = documentTexts(input);
      if (!texts || typeof query !== "string") return refuse(`${WORDS_EN} ranks texts by a text.`);
      // The query is weighed once for each text.
      return (
        refuseLength([query, ...texts], model) ??
        ok(rerank(models.wordVectors(), { ...input, query, texts }, model))
      );
    },
  };
}

interface Search extends RerankRequest {
  readonly query: string;
  readonly texts: readonly string[];
}

function rerank(vectors: WordVectors, input: Search, model: string): Answer {
  const search = prepareSearch(vectors, input.query);
  let words = search.words.length;
  const scored = input.texts.map((text, index) => {
    const embedded = embedText(vectors, text);
    words += embedded.words.length;
    return { index, relevance_score: search.score(embedded) };
  });
  const best = scored
    .toSorted((left, right) => right.relevance_score - left.relevance_score)
    .slice(0, input.top_n ?? undefined)
    .map(({ index, relevance_score: score }) => ({ index, relevance_score: round(score) }));
  const results =
    input.return_documents === true ? best.map((result) => withDocument(result, input.documents)) : best;
  const usage = { prompt_tokens: words, total_tokens: words };
  return { body: JSON.stringify({ ...RERANK_HEAD, model, results, usage }), usage };
}

type Document = RerankRequest["documents"][number];

function withDocument<T extends { readonly index: number }>(result: T, documents: readonly Document[]) {
  const document = documents[result.index] ?? "";
  return { ...result, document: typeof document === "string" ? { text: document } : document };
}

function round(score: number): number {
  return Math.round(score * DECIMALS) / DECIMALS;
}
