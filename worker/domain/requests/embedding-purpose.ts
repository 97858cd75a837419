import type { Purpose } from "../../contract/config/oddities.ts";

/** The words of clients for what a text is embedded for: Voyage's, Cohere's, Jina's and NVIDIA's. */
const WORDS: ReadonlyMap<unknown, Purpose> = new Map([
  ["query", "query"],
  ["search_query", "query"],
  ["retrieval.query", "query"],
  ["document", "document"],
  ["passage", "document"],
  ["search_document", "document"],
  ["retrieval.passage", "document"],
  ["classification", "classification"],
  ["clustering", "clustering"],
  ["separation", "clustering"],
]);

/** What a client says a text is for; undefined where that is none of these. */
export const readPurpose = (said: unknown): Purpose | undefined => WORDS.get(said);
