/** Sum of 1/k for k up to the 400,000 words of the GloVe vocabulary: ln(400000) + 0.5772 (Euler). */
const HARMONIC = 13.4764;

/** Zipf-Mandelbrot offset for English; Piantadosi 2014, "Zipf's word frequency law", exponent 1. */
const MANDELBROT_OFFSET = 2.7;

/** The `a` of a/(a + p) for the direction of a text; the value of the paper's own experiments. */
const SMOOTHING = 1e-3;

/** The probability of the word at `rank` (0 is the most frequent), by Zipf's law: 1/((rank + 2.7)·H). */
export function probabilityAt(rank: number): number {
  return 1 / ((rank + MANDELBROT_OFFSET) * HARMONIC);
}

/**
 * How much the word at `rank` says, in (0, 1]: a/(a + p); a word without a rank (-1) says all there is.
 * The smaller the smoothing a, the less the frequent words count: "should" (rank 202) has 0.73 at 1e-3
 * and 0.22 at 1e-4.
 * Source: Arora, Liang, Ma 2017, "A simple but tough-to-beat baseline for sentence embeddings" (SIF).
 */
export function rarityAt(rank: number, smoothing = SMOOTHING): number {
  return rank < 0 ? 1 : smoothing / (smoothing + probabilityAt(rank));
}
