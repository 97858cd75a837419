import { embedText } from "../worker/providers/embedded/embed-text.ts";
import { prepareSearch } from "../worker/providers/embedded/score-document.ts";
import type { WordVectors } from "../worker/providers/embedded/word-vectors.ts";
import type { SearchDocument } from "./word-vectors-tuning-searches.ts";

export interface SearchQuality {
  readonly searches: number;
  /** The mean of 1/rank of the right document. */
  readonly meanReciprocalRank: number;
  /** The mean of 1/log2(1 + rank), which is nDCG where one document is right. */
  readonly discountedGain: number;
}

/** How well every search finds its own document among all; ties count against it. */
export function measureSearches(vectors: WordVectors, documents: readonly SearchDocument[]): SearchQuality {
  const embedded = documents.map(({ text }) => embedText(vectors, text));
  const ranks = documents.flatMap(({ searches }, own) =>
    searches.map((query) => {
      const search = prepareSearch(vectors, query);
      const scores = embedded.map((document) => search.score(document));
      return scores.filter((other) => other >= (scores[own] ?? 0)).length;
    }),
  );
  return {
    searches: ranks.length,
    meanReciprocalRank: mean(ranks.map((rank) => 1 / rank)),
    discountedGain: mean(ranks.map((rank) => 1 / Math.log2(1 + rank))),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
