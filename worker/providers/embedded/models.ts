import type { LanguageProfiles } from "./language-profiles.ts";
import type { WordVectors } from "./word-vectors.ts";

/** The data of the embedded models; each is read on first use and kept. */
export interface EmbeddedModels {
  wordVectors(): WordVectors;
  languageProfiles(): LanguageProfiles;
}

/** The model of embeddings and rerank. */
export const WORDS_EN = "words-en";
