const CONTRACTION = /(?:n['’]t|['’](?:s|re|ve|ll|m|d))(?![\p{L}\p{M}\p{N}])/gu;
const WORD = /[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu;

/**
 * The words of a text, as the vocabulary spells them: compatibility forms folded (NFKC), lower case,
 * English contractions cut off ("don't" is "do"), each emoji a word of its own. Punctuation is dropped.
 * Linear in the text.
 */
export function wordsOf(text: string): readonly string[] {
  return text.normalize("NFKC").toLowerCase().replace(CONTRACTION, " ").match(WORD) ?? [];
}
