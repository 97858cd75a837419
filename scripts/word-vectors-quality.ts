import { cosine, embedText } from "../worker/providers/embedded/embed-text.ts";
import type { WordVectors } from "../worker/providers/embedded/word-vectors.ts";

type Pairs = readonly (readonly [string, string])[];

/**
 * The chance that a paraphrase scores above an unrelated pair (area under the ROC curve, as the
 * Mann-Whitney statistic; ties count half).
 */
export function separation(vectors: WordVectors, paraphrases: Pairs, unrelated: Pairs): number {
  const high = similarities(vectors, paraphrases);
  const low = similarities(vectors, unrelated);
  const wins = high.map((score) => low.reduce((sum, other) => sum + winOf(score, other), 0));
  return wins.reduce((sum, count) => sum + count, 0) / (high.length * low.length);
}

function similarities(vectors: WordVectors, pairs: Pairs): number[] {
  return pairs.map(([left, right]) =>
    cosine(embedText(vectors, left).vector, embedText(vectors, right).vector),
  );
}

function winOf(score: number, other: number): number {
  if (score === other) return 0.5;
  return score > other ? 1 : 0;
}
