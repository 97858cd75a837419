import type { LocalKind } from "../../domain/routing/provider-kind.ts";
import { createEmbedded } from "./create-embedded.ts";
import languageProfiles from "./language-profiles.bin";
import { parseLanguageProfiles } from "./language-profiles.ts";
import wordVectors from "./word-vectors.bin";
import { parseWordVectors } from "./word-vectors.ts";

const adapter = createEmbedded({
  wordVectors: once(() => parseWordVectors(wordVectors)),
  languageProfiles: once(() => parseLanguageProfiles(languageProfiles)),
});

/**
 * The kind `embedded`, for `createHeadrace(config, { providers: { embedded } })`. Importing it adds 2.6 MB of
 * data to the bundle, which is parsed when the first request needs it.
 */
export const embedded: LocalKind = { runsIn: "worker", adapter: () => adapter };

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: compute() }).value;
}
