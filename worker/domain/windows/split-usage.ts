import type { Usage } from "../../contract/responses.ts";

/**
 * Divides the usage of a call among the requests that shared it, by weight, so that the parts sum to the
 * whole: whole numbers by largest remainder (Hamilton's method), each field by itself, nested ones too. A
 * value that is not a number is given to all of them.
 */
export function splitUsage(usage: Usage, weights: readonly number[]): Usage[] {
  const parts: Record<string, unknown>[] = weights.map(() => ({}));
  for (const [name, value] of Object.entries(usage)) {
    const shares = splitValue(value, weights);
    for (const [at, part] of parts.entries()) part[name] = shares[at];
  }
  return parts;
}

function splitValue(value: unknown, weights: readonly number[]): readonly unknown[] {
  if (typeof value === "number") return splitNumber(value, weights);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return splitUsage(value as Usage, weights);
  }
  return weights.map(() => value);
}

function splitNumber(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (sum === 0 ? total / weights.length : (total * weight) / sum));
  if (!Number.isSafeInteger(total)) return exact;
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact
    .map((share, at) => ({ at, remainder: share - Math.floor(share) }))
    .toSorted((one, other) => other.remainder - one.remainder);
  for (const { at } of byRemainder.slice(0, left)) shares[at] = (shares[at] ?? 0) + 1;
  return shares;
}
