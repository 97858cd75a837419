/** The longest that a lease is extended by. */
const MAX_LEASE_MS = 5 * 60_000;

/**
 * The end of a lease that is extended now. A lease with more than half its time left stays as it is, for each
 * change is a row written. Else it is extended by as long as the run has taken so far: a long run writes few
 * rows, and one that is lost is noticed after at most twice its time. Pure; times are milliseconds since the
 * epoch.
 */
export function extendLease(
  { leasedAt, leaseUntil }: { readonly leasedAt: number; readonly leaseUntil: number },
  leaseMs: number,
  now: number,
): number {
  if (leaseUntil - now > leaseMs / 2) return leaseUntil;
  return now + Math.max(leaseMs, Math.min(now - leasedAt, MAX_LEASE_MS));
}
