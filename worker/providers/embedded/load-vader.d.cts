interface PolarityScores {
  /** Shares of the text that are negative, neutral and positive. */
  readonly neg: number;
  readonly neu: number;
  readonly pos: number;
  /** The whole text, from -1 (most negative) to 1. */
  readonly compound: number;
}

/** The VADER analyser; the first call reads its lexicon (6 ms). */
export function loadVader(): { polarity_scores(text: string): PolarityScores };
