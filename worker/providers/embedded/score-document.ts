import { cosine, embedText } from "./embed-text.ts";
import type { EmbeddedText } from "./embed-text.ts";
import { findTerms, QUERY_SMOOTHING } from "./search-terms.ts";
import type { WordVectors } from "./word-vectors.ts";

/**
 * The weight of the query's words that are found, relative to the similarity of the whole texts. On the
 * tuning searches the mean reciprocal rank of the right document is 0.65 by similarity alone, 0.68 by words
 * alone, 0.79 at 1.3.
 */
const COVER_WEIGHT = 1.3;

/**
 * How much a document's length lowers its score: the longer a document, the nearer its nearest words are by
 * chance. Without it the tuning searches give 0.74. Lengths below ten words hardly matter.
 */
const LENGTH_WEIGHT = 0.2;
const SHORT_TEXT = 10;

/**
 * A logistic regression of "this is the one" on the tuning searches, as if one document in ten were.
 * There the right documents score 0.67 in the median and 0.996 at most, 99% of the others below 0.6.
 */
const MIDPOINT = 0.343;
const STEEPNESS = 6.05;

/** A query made ready for documents. */
export interface Search {
  /** The words of the query. */
  readonly words: readonly string[];
  /**
   * How relevant a document is, in (0, 1): a probability, by its meaning as a whole and by the query's
   * words, each as its nearest word there. That finds names and codes that have no meaning here, too.
   * A document of 115 words takes 2 µs when its words were met before, 13 µs when most were not.
   */
  score(document: EmbeddedText): number;
}

/** Prepares a query once for all documents; what is computed for their words is kept for the whole search. */
export function prepareSearch(vectors: WordVectors, text: string): Search {
  const query = embedText(vectors, text, QUERY_SMOOTHING);
  const terms = findTerms(vectors, query);
  return {
    words: query.words,
    score(document) {
      const likeness = cosine(query.vector, document.vector) + COVER_WEIGHT * terms.cover(document);
      const relevance = likeness - LENGTH_WEIGHT * Math.log(SHORT_TEXT + document.words.length);
      return 1 / (1 + Math.exp(STEEPNESS * (MIDPOINT - relevance)));
    },
  };
}
