import type { Headrace } from "../../sdk/index.ts";
import { embedText } from "./embedding.ts";
import type { Passage } from "./passages.ts";

export interface Index {
  readonly passages: readonly Passage[];
  /** One a passage, in the same order. */
  readonly vectors: readonly (readonly number[])[];
}

export interface Finding {
  readonly passage: Passage;
  /** The reranker's relevance, from 0 to 1. */
  readonly score: number;
}

const CANDIDATES = 20;

/** Finds the best passages for a question: the 20 nearest by cosine, in the reranker's order. */
export async function searchPassages(
  client: Headrace,
  { passages, vectors }: Index,
  question: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { vector } = await embedText(client, question, signal);
  const nearest = passages
    .map((passage, at) => ({ passage, similarity: cosine(vector, vectors[at] ?? []) }))
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, CANDIDATES);
  const documents = nearest.map(({ passage }) => passage.text);
  const { results } = await client.rerank(
    { model: "rerank", query: question, documents, top_n: 3 },
    { signal },
  );
  return results.flatMap(({ index, relevance_score: score }) => {
    const passage = nearest[index]?.passage;
    return passage === undefined ? [] : [{ passage, score }];
  });
}

/** The cosine of the angle between two vectors of equal length; 0 where one of them has none. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  const scale = Math.sqrt(dot(a, a) * dot(b, b));
  return scale === 0 ? 0 : dot(a, b) / scale;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
