import type { EmbeddingsRequest, RerankRequest } from "../../contract/requests.ts";

/** What is missing or wrong in the lists that answers are made of. All give undefined where nothing is. */

/** How many results an embeddings request is answered with. A list of numbers is one input: a text's tokens. */
export const countInputs = (input: EmbeddingsRequest["input"]): number =>
  typeof input === "string" || typeof input[0] === "number" ? 1 : input.length;

/**
 * Why a list has not one result for each of so many inputs. A result without an index stands at its own place:
 * Google's compatible endpoint leaves 0 out.
 */
export function findGap(
  results: readonly { readonly index?: number | undefined }[],
  count: number,
): string | undefined {
  if (results.length !== count) return `${results.length} results for ${count} inputs`;
  const places = new Set(results.map(({ index }, at) => index ?? at));
  for (let place = 0; place < count; place++) if (!places.has(place)) return `no result for input ${place}`;
  return undefined;
}

/** Why these are no vectors of one length: lists of numbers, or base64 text. */
export function findVectorFault(vectors: readonly (readonly unknown[] | string)[]): string | undefined {
  const [first] = vectors;
  if (first === undefined) return "no vectors";
  for (const vector of vectors) {
    if (vector.length === 0) return "an empty vector";
    if (vector.length !== first.length) return "vectors of several lengths";
    // A number that is none is null in JSON.
    if (typeof vector !== "string" && !isNumeric(vector)) return "a vector with something that is no number";
  }
  return undefined;
}

/** A loop of its own, for a large answer has millions of numbers. */
function isNumeric(vector: readonly unknown[]): boolean {
  for (const value of vector) if (typeof value !== "number") return false;
  return true;
}

/** Why results are not a ranking of the request's documents: all of them, or as many as it asks for. */
export function findRankingFault(
  results: readonly { readonly index: number }[],
  input: RerankRequest,
): string | undefined {
  const { documents, top_n: top, top_k: own } = input;
  const seen = new Set(results.map(({ index }) => index));
  if (seen.size !== results.length || [...seen].some((index) => documents[index] === undefined))
    return "a result's index is that of no document, or stands twice";
  // What only some servers call it goes to them unchanged.
  const asked = top ?? (typeof own === "number" ? own : documents.length);
  return results.length < Math.min(documents.length, asked)
    ? `${results.length} scores for ${documents.length} documents`
    : undefined;
}
