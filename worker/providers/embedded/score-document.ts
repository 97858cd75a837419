import type { EmbeddedText } from "./embed-text.ts";
import { cosine } from "./embed-text.ts";
import { rarityOf } from "./word-vectors.ts";
import type { WordVectors } from "./word-vectors.ts";

/**
 * What words in common count beside likeness of meaning. On the tuning searches the mean reciprocal
 * rank of the right passage is 0.69 without them and 0.83 to 0.86 from 0.25 to 2; on the tuning
 * paraphrases it is 0.97 without and 0.96 to 0.98 up to 1.
 */
const OVERLAP_WEIGHT = 0.5;

/** A logistic regression of "this is the one" on the tuning searches and paraphrases. */
const MIDPOINT = 0.43;
const STEEPNESS = 15;

/**
 * How relevant a document is to a query, in (0, 1): a probability, by what the two have in common in
 * meaning (cosine) and in letters (overlap), which finds names and codes that have no meaning here.
 */
export function scoreDocument(vectors: WordVectors, query: EmbeddedText, document: EmbeddedText): number {
  const meaning = cosine(query.vector, document.vector);
  const likeness = meaning + OVERLAP_WEIGHT * overlap(vectors, query.words, document.words);
  return 1 / (1 + Math.exp(STEEPNESS * (MIDPOINT - likeness)));
}

/** The share of the query's words that the document contains, each counted by its rarity; 0 without words. */
function overlap(vectors: WordVectors, query: readonly string[], document: readonly string[]): number {
  const present = new Set(document);
  let total = 0;
  let shared = 0;
  for (const word of new Set(query)) {
    const rarity = rarityOf(vectors, word);
    total += rarity;
    if (present.has(word)) shared += rarity;
  }
  return total === 0 ? 0 : shared / total;
}
