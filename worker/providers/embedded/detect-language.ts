import type { LanguageProfiles } from "./language-profiles.ts";
import { AT_END, AT_START, findGram, packGram } from "./language-profiles.ts";
import type { ScoredLabel } from "./scored-label.ts";
import { bestFirst } from "./scored-label.ts";

/** How much of a text is read: more does not change the answer. */
const MAX_CHARACTERS = 1000;
const MAX_BYTES = 380;
const MAX_WORD_BYTES = 70;
const GRAM_BYTES = 4;
const STRIDE = 3;

/** Subtracted from every score in the table so that it fits in a byte. */
const BASE_SCORE = 53;

/**
 * The difference in score that makes one language e times as likely as another: the log loss on 60
 * short phrases in 30 languages is least from 35 to 50.
 */
const TEMPERATURE = 50;

/** ISO 639 for a text whose language cannot be told. */
const UNDETERMINED = "und";

/** All but letters, and not the apostrophe before a letter. */
const SEPARATORS = /[^\p{L}]+(?<!['`’])/gu;
const SPACE = 32;

/**
 * The languages a text may be in, as ISO 639-1 codes with probabilities that sum to 1, likeliest
 * first; those below 0.1% are left out. A port of eld's detector (Nito T.M., Apache-2.0), which scores
 * by n-grams of bytes; the probabilities are ours, a softmax of the scores. Single words are often classified
 * wrongly.
 */
export function detectLanguage(profiles: LanguageProfiles, text: string): readonly ScoredLabel[] {
  const totals = scoreLanguages(profiles, gramsOf(lettersOf(text)));
  const highest = Math.max(...totals);
  if (highest === 0) return [{ label: UNDETERMINED, score: 1 }];
  const odds = totals.map((total) => (total === 0 ? 0 : Math.exp((total - highest) / TEMPERATURE)));
  const sum = odds.reduce((left, right) => left + right, 0);
  return bestFirst(
    Array.from(odds, (odd, index) => ({ label: profiles.codes[index] ?? "", score: odd / sum })),
  );
}

function lettersOf(text: string): Uint8Array {
  const letters = text.slice(0, MAX_CHARACTERS).replace(SEPARATORS, " ").trim().toLowerCase();
  return new TextEncoder().encode(letters).subarray(0, MAX_BYTES);
}

/** Every n-gram once, as place·2³² + packed bytes. */
function gramsOf(letters: Uint8Array): Set<number> {
  const grams = new Set<number>();
  let start = 0;
  for (let index = 0; index <= letters.length; index += 1) {
    if (index < letters.length && letters[index] !== SPACE) continue;
    if (index > start) addGramsOfWord(grams, letters.subarray(start, index));
    start = index + 1;
  }
  return grams;
}

function addGramsOfWord(grams: Set<number>, word: Uint8Array): void {
  const end = Math.min(word.length, MAX_WORD_BYTES);
  let start = 0;
  for (; start + GRAM_BYTES < end; start += STRIDE) {
    grams.add(placed(start === 0 ? AT_START : 0, packGram(word, start, start + GRAM_BYTES)));
  }
  if (end < word.length) return;
  const place = AT_END | (start === 0 ? AT_START : 0);
  grams.add(placed(place, packGram(word, Math.max(0, end - GRAM_BYTES), end)));
}

const placed = (place: number, gram: number): number => place * 2 ** 32 + gram;

function scoreLanguages(profiles: LanguageProfiles, grams: ReadonlySet<number>): Float64Array {
  const totals = new Float64Array(profiles.codes.length);
  for (const gram of grams) {
    const found = findGram(profiles, Math.floor(gram / 2 ** 32), gram % 2 ** 32);
    if (found < 0) continue;
    const end = profiles.scoreStarts[found + 1] ?? 0;
    for (let index = profiles.scoreStarts[found] ?? 0; index < end; index += 1) {
      const language = profiles.languages[index] ?? 0;
      totals[language] = (totals[language] ?? 0) + BASE_SCORE + (profiles.scores[index] ?? 0);
    }
  }
  return totals;
}
