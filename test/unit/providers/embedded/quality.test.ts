import { describe, expect, it } from "vitest";
import { cosine, embedText } from "../../../../worker/providers/embedded/embed-text.ts";
import { measureSearches } from "../../../../scripts/word-vectors-search-quality.ts";
import searches from "../../../fixtures/searches.json" with { type: "json" };
import pairs from "../../../fixtures/sentence-pairs.json" with { type: "json" };
import { wordVectors } from "./read-models.ts";

/**
 * Held-out pairs and searches: no parameter was chosen by them. Those that chose are in
 * scripts/word-vectors-tuning-pairs.ts and scripts/word-vectors-tuning-searches.ts.
 */
const similarities = (group: readonly string[][]) =>
  group.map(([left = "", right = ""]) => similarity(left, right));

function similarity(left: string, right: string): number {
  return cosine(embedText(wordVectors, left).vector, embedText(wordVectors, right).vector);
}

/** The chance that one of `high` is above one of `low` (area under the ROC curve); ties count half. */
function separation(high: readonly number[], low: readonly number[]): number {
  const wins = high.flatMap((score) =>
    low.map((other) => (score > other ? 1 : score === other ? 0.5 : 0) as number),
  );
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

describe("the quality of words-en", () => {
  it("tells paraphrases from unrelated sentences with an AUC of at least 0.99", () => {
    const auc = separation(similarities(pairs.paraphrases), similarities(pairs.unrelated));
    expect(auc).toBeGreaterThanOrEqual(0.99);
  });

  it("finds a sentence's paraphrase first among all 64, nine times in ten", () => {
    const found = pairs.paraphrases.filter(([sentence = "", own = ""]) => {
      const best = Math.max(...pairs.paraphrases.map(([, other = ""]) => similarity(sentence, other)));
      return similarity(sentence, own) === best;
    });
    expect(found.length / pairs.paraphrases.length).toBeGreaterThanOrEqual(0.9);
  });

  it("finds one of 31 documents by a question or by keywords with a mean reciprocal rank of 0.75", () => {
    const quality = measureSearches(wordVectors, searches.documents);
    expect(quality.searches).toBe(71);
    expect(quality.meanReciprocalRank).toBeGreaterThanOrEqual(0.75);
    expect(quality.discountedGain).toBeGreaterThanOrEqual(0.8);
  });
});
