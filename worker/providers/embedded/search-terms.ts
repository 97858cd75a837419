import type { EmbeddedText } from "./embed-text.ts";
import { rarityAt } from "./rarity.ts";
import type { WordVectors } from "./word-vectors.ts";

/**
 * How sharply the words of a query are told apart, as rarityAt's smoothing. At the 1e-3 that suits whole
 * texts "should we go to" outweighs "moon": the tuning searches' mean reciprocal rank is 0.74 there,
 * 0.79 here, and 0.77 at 5e-5.
 */
export const QUERY_SMOOTHING = 1e-4;

/** How many of the query's words are looked for, the rarest: 0.77 with 3, 0.78 with 4, 0.79 from 5 on. */
const MAX_TERMS = 6;

/**
 * Less rare words (the 314 most frequent) match only themselves, not similar words: 0.77 where those from
 * rank 80 on match similar words too, at twice the cost.
 */
const LEAST_RARITY = 0.3;

/** A lower cosine of two words is taken for chance: 0.75 where it counts. Most words are near no term. */
const LEAST_NEARNESS = 0.3;

/** The words of a query that documents are searched for. */
export interface SearchTerms {
  /** How much of the query a document has, in [0, 1]: each term counts as its nearest word there. */
  cover(document: EmbeddedText): number;
}

interface Term {
  readonly word: string;
  /** Its row among the vectors, or -1. */
  readonly row: number;
  /** Of all terms' rarity; the shares sum to 1. */
  readonly share: number;
}

/** How near a word is to each term, in their order; empty for a word that is near none. */
type Nearness = readonly number[];
const NEAR_NONE: Nearness = [];

/**
 * Prepares the terms of a query for many documents. Every term is compared with every word of a document, so
 * the result for each row is kept; there are 20,000 rows.
 */
export function findTerms(vectors: WordVectors, query: EmbeddedText): SearchTerms {
  const terms = chooseTerms(query);
  const directions = terms.map(({ row }) => directionAt(vectors, row));
  const measure = (word: string, row: number): Nearness => {
    if (terms.some((term) => term.word === word)) return terms.map((term) => (term.word === word ? 1 : 0));
    return hasMeaning(row) ? nearnessAt(vectors, row, directions) : NEAR_NONE;
  };
  const known = new Map<number, Nearness>();
  const lookUp = (word: string, row: number): Nearness => {
    const found = known.get(row) ?? measure(word, row);
    if (row >= 0) known.set(row, found);
    return found;
  };
  return {
    cover({ words, rows }) {
      const best = terms.map(() => 0);
      for (let at = 0; at < words.length; at += 1) raise(best, lookUp(words[at] ?? "", rows[at] ?? -1));
      return terms.reduce((sum, { share }, at) => sum + share * (best[at] ?? 0), 0);
    },
  };
}

function chooseTerms({ words, rows }: EmbeddedText): readonly Term[] {
  const rowOf = new Map(words.map((word, at) => [word, rows[at] ?? -1]));
  const rarest = [...rowOf]
    .map(([word, row]) => ({ word, row, rarity: rarityAt(row, QUERY_SMOOTHING) }))
    .toSorted((left, right) => right.rarity - left.rarity)
    .slice(0, MAX_TERMS);
  const total = rarest.reduce((sum, { rarity }) => sum + rarity, 0);
  return rarest.map(({ word, row, rarity }) => ({ word, row, share: rarity / total }));
}

const hasMeaning = (row: number): boolean => row >= 0 && rarityAt(row, QUERY_SMOOTHING) >= LEAST_RARITY;

/** A word's unit vector; empty where it has none, so that it is near no other word. */
function directionAt({ values, dimensions }: WordVectors, row: number): Float64Array {
  if (!hasMeaning(row)) return new Float64Array();
  const vector = Float64Array.from(values.subarray(row * dimensions, (row + 1) * dimensions));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/**
 * The cosines of the word at `row` and the terms. The row is not copied, for most of the time is spent here.
 */
function nearnessAt(vectors: WordVectors, row: number, directions: readonly Float64Array[]): Nearness {
  const { values, dimensions } = vectors;
  const start = row * dimensions;
  const products = directions.map((direction) => productAt(values, start, direction));
  const length = lengthAt(values, start, dimensions);
  const least = LEAST_NEARNESS * length;
  if (products.every((product) => product < least)) return NEAR_NONE;
  return products.map((product) => (product < least ? 0 : product / length));
}

function lengthAt(values: WordVectors["values"], start: number, dimensions: number): number {
  let squares = 0;
  for (let index = start; index < start + dimensions; index += 1) {
    const value = values[index] ?? 0;
    squares += value * value;
  }
  return Math.sqrt(squares);
}

function productAt(values: WordVectors["values"], start: number, direction: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < direction.length; index += 1) {
    sum += (direction[index] ?? 0) * (values[start + index] ?? 0);
  }
  return sum;
}

function raise(best: number[], near: Nearness): void {
  for (let at = 0; at < near.length; at += 1) best[at] = Math.max(best[at] ?? 0, near[at] ?? 0);
}
