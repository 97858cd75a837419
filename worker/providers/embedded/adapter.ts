import { createEmbedded } from "./create-embedded.ts";
import languageProfiles from "./language-profiles.bin";
import { parseLanguageProfiles } from "./language-profiles.ts";
import wordVectors from "./word-vectors.bin";
import { parseWordVectors } from "./word-vectors.ts";

/** The bytes are there from the start; they are read when the first request needs them. */
export const embedded = createEmbedded({
  wordVectors: once(() => parseWordVectors(wordVectors)),
  languageProfiles: once(() => parseLanguageProfiles(languageProfiles)),
});

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: compute() }).value;
}
