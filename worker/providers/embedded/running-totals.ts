/** From the sizes of pieces that lie end to end: where each starts, and the end of the last. */
export function runningTotals(sizes: ArrayLike<number>): Uint32Array {
  const totals = new Uint32Array(sizes.length + 1);
  let total = 0;
  for (let index = 0; index < sizes.length; index += 1) {
    total += sizes[index] ?? 0;
    totals[index + 1] = total;
  }
  return totals;
}
