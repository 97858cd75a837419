/** An alarm that is overdue by this much is taken for lost. */
const OVERDUE_MS = 60_000;

/**
 * When to set an object's alarm so that it comes by `due` (null where nothing is due), or null to leave it as
 * it is. Setting it is a row written, so an earlier alarm is left as it is: when it comes, it sets the next.
 * An alarm that is due already is set to the next millisecond: `setAlarm(now)` inside `alarm()` has stalled.
 * Pure; times are milliseconds since the epoch.
 */
export function planAlarmAt(due: number | null, armedAt: number | null, now: number): number | null {
  if (due === null) return null;
  const comes = armedAt !== null && armedAt >= now - OVERDUE_MS;
  return comes && armedAt <= due ? null : Math.max(due, now + 1);
}
