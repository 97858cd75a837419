/**
 * The value that a share of the values (0 to 1) does not exceed, by the nearest-rank method: always one
 * that was measured. NaN for no values.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
