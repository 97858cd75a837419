import { loadVader } from "./load-vader.cjs";
import type { ScoredLabel } from "./scored-label.ts";
import { bestFirst } from "./scored-label.ts";

/** From which compound score on a text is positive, or negative below its opposite; VADER's authors' own. */
const THRESHOLD = 0.05;

/** VADER rates sentences, so longer texts are cut; its rule for "but" also takes quadratic time. */
const MAX_CHARACTERS = 4000;

/** VADER's test for capitals takes time cubic in the length of a word; no word of its lexicon is longer. */
const LONG_WORD = /(\S{32})\S+/gu;

/**
 * Whether an English text is positive, neutral or negative, best first; the scores sum to 1.
 * VADER (Hutto & Gilbert 2014) counts rated words and considers negation, degree and capitals. Its compound
 * score c becomes shares such that the best label is the one VADER's thresholds give: half at the
 * threshold, rising in a straight line to all at 1 for the polarity, and at 0 for neutral.
 */
export function rateSentiment(text: string): readonly ScoredLabel[] {
  const { compound } = loadVader().polarity_scores(text.slice(0, MAX_CHARACTERS).replace(LONG_WORD, "$1"));
  const share = polarShare(Math.abs(compound));
  const polarity = compound < 0 ? "negative" : "positive";
  return bestFirst([
    { label: polarity, score: share },
    { label: "neutral", score: 1 - share },
  ]);
}

function polarShare(strength: number): number {
  if (strength < THRESHOLD) return (0.5 * strength) / THRESHOLD;
  return 0.5 + (0.5 * (strength - THRESHOLD)) / (1 - THRESHOLD);
}
