import { readFileSync } from "node:fs";
import { createEmbedded } from "../../../../worker/providers/embedded/create-embedded.ts";
import { parseLanguageProfiles } from "../../../../worker/providers/embedded/language-profiles.ts";
import { parseWordVectors } from "../../../../worker/providers/embedded/word-vectors.ts";

/** The shipped models, read from disk as the Worker's bundler would hand them over. */
export const wordVectors = parseWordVectors(readBytes("word-vectors.bin"));
export const languageProfiles = parseLanguageProfiles(readBytes("language-profiles.bin"));
export const provider = createEmbedded({
  wordVectors: () => wordVectors,
  languageProfiles: () => languageProfiles,
});

export function readBytes(name: string): ArrayBuffer {
  const file = readFileSync(new URL(`../../../../worker/providers/embedded/${name}`, import.meta.url));
  return new Uint8Array(file).buffer;
}
