export interface ScoredLabel {
  readonly label: string;
  /** A probability; the scores of one text sum to 1, less what was left out. */
  readonly score: number;
}

const SMALLEST_SCORE = 0.001;
const DECIMALS = 1e4;

/** The labels worth telling, the best first; equal scores keep their order. */
export function bestFirst(labels: readonly ScoredLabel[]): readonly ScoredLabel[] {
  return labels
    .filter(({ score }) => score >= SMALLEST_SCORE)
    .map(({ label, score }) => ({ label, score: Math.round(score * DECIMALS) / DECIMALS }))
    .toSorted((left, right) => right.score - left.score);
}
