/** The longest that a lease is extended by. */
const MAX_LEASE_MS = 5 * 60_000;

/**
 * When a lease ends that is extended now. One with half its time left is left alone, for each change is a row
 * written; else it is given as much again as the run has taken so far. So a long run writes few rows, and one
 * that is lost is made up for in at most twice the time. Pure; times are milliseconds since the epoch.
 */
export function extendLease(
  { leasedAt, leaseUntil }: { readonly leasedAt: number; readonly leaseUntil: number },
  leaseMs: number,
  now: number,
): number {
  if (leaseUntil - now > leaseMs / 2) return leaseUntil;
  return now + Math.max(leaseMs, Math.min(now - leasedAt, MAX_LEASE_MS));
}
