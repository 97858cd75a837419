/** An alarm this long overdue will not come by itself. */
const OVERDUE_MS = 60_000;

/**
 * When to set an object's alarm so that it comes by `due` (null: nothing is to come), or null to leave it
 * alone. Setting one is a row written, so an alarm that comes early is left to come: it sets itself again.
 * One already due goes to the next millisecond: `setAlarm(now)` inside `alarm()` has stalled. Pure; times
 * are milliseconds since the epoch.
 */
export function planAlarmAt(due: number | null, armedAt: number | null, now: number): number | null {
  if (due === null) return null;
  const comes = armedAt !== null && armedAt >= now - OVERDUE_MS;
  return comes && armedAt <= due ? null : Math.max(due, now + 1);
}
