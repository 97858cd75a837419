import type {
  EntryRow,
  ListedEntry,
  ShardPage,
  ShardQuery,
} from "../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobPosition } from "../../worker/domain/jobs/job-entry.ts";
import type { JobFilter } from "../../worker/domain/jobs/job-list-query.ts";
import { planAlarmAt } from "../plan-alarm-at.ts";

/**
 * The rules of a tenant's directory, pure. The laws:
 * - Of two entries of a job the one with the higher version is kept, in whatever order they come.
 * - A removal has the highest version there is.
 * - An expired entry is not shown, and its row is the first to be written over.
 */

/** The most rows that are read for a page, which is then given with what was found. */
export const SCAN_ROWS = 5000;
/** The most rows that one turn of the sweep reads, for the object answers nothing else meanwhile. */
export const SWEEP_ROWS = 2000;
const SWEEP_EVERY_MS = 3_600_000;
const SWEEP_PAUSE_MS = 1000;
/** How long a removal is kept at least: an update that comes later than that would bring the job back. */
const REMOVAL_MS = 600_000;

const LAST_VERSION = Number.MAX_SAFE_INTEGER;

type Expiring = Pick<EntryRow, "expiresAt">;

export const isExpired = ({ expiresAt }: Expiring, now: number): boolean => expiresAt <= now;

/** The entry of a job that was removed: the last version, so that no late update brings the job back. */
export const buildRemoval = ({ createdAt, id }: JobPosition, expiresAt: number, now: number): EntryRow => ({
  createdAt,
  id,
  version: LAST_VERSION,
  expiresAt: Math.max(expiresAt, now + REMOVAL_MS),
  status: "removed",
  model: "",
  summary: null,
});

export type Write =
  | { readonly kind: "none" }
  | { readonly kind: "insert" }
  /** Over the row at that position: the job's own, or an expired one, which then need not be deleted. */
  | { readonly kind: "replace"; readonly at: JobPosition };

/** How a row is written: `storedVersion` is that of the job's row so far, `oldest` the oldest row of all. */
export function planWrite(
  row: EntryRow,
  storedVersion: number | undefined,
  oldest: (JobPosition & Expiring) | undefined,
  now: number,
): Write {
  if (storedVersion !== undefined) {
    return row.version > storedVersion ? { kind: "replace", at: row } : { kind: "none" };
  }
  return oldest && isExpired(oldest, now) ? { kind: "replace", at: oldest } : { kind: "insert" };
}

/** Reads rows, newest first and from where the query begins, until the page is full or the bound is reached. */
export function takePage(rows: Iterable<EntryRow>, { filter, count }: ShardQuery, now: number): ShardPage {
  const entries: ListedEntry[] = [];
  let looked = 0;
  let scannedTo: JobPosition | null = null;
  for (const row of rows) {
    if (entries.length === count || looked === SCAN_ROWS) return { entries, scannedTo };
    looked++;
    const { createdAt, id, summary } = row;
    scannedTo = { createdAt, id };
    if (summary !== null && !isExpired(row, now) && matches(row, summary, filter)) {
      entries.push({ createdAt, id, summary });
    }
  }
  return { entries, scannedTo: null };
}

function matches({ status, model }: EntryRow, summary: string, filter: JobFilter): boolean {
  if (filter.statuses && !filter.statuses.some((wanted) => wanted === status)) return false;
  if (filter.model !== null && filter.model !== model) return false;
  return filter.metadata.length === 0 || holds(summary, filter.metadata);
}

/** Searches the text first: parsing every summary would be most of the work of a scan. */
function holds(summary: string, pairs: JobFilter["metadata"]): boolean {
  const written = ([name, value]: (typeof pairs)[number]) =>
    `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  if (!pairs.every((pair) => summary.includes(written(pair)))) return false;
  const { metadata } = JSON.parse(summary) as { readonly metadata: Readonly<Record<string, string>> };
  return pairs.every(([name, value]) => Object.hasOwn(metadata, name) && metadata[name] === value);
}

/** How far a sweep has come, and when the first of the entries that it kept will expire. */
export interface Sweep {
  readonly scannedTo: JobPosition | null;
  readonly firstExpiry: number;
}

export const NEW_SWEEP: Sweep = { scannedTo: null, firstExpiry: Infinity };

/** One turn of a sweep over rows, oldest first and from where the last turn ended. */
export function sweepRows(
  rows: Iterable<JobPosition & Expiring>,
  { firstExpiry }: Sweep,
  now: number,
): { readonly expired: readonly JobPosition[]; readonly sweep: Sweep; readonly alarmAt: number | null } {
  const expired: JobPosition[] = [];
  let first = firstExpiry;
  let looked = 0;
  for (const { createdAt, id, expiresAt } of rows) {
    looked++;
    if (expiresAt <= now) expired.push({ createdAt, id });
    else first = Math.min(first, expiresAt);
    if (looked === SWEEP_ROWS) {
      const sweep = { scannedTo: { createdAt, id }, firstExpiry: first };
      return { expired, sweep, alarmAt: now + SWEEP_PAUSE_MS };
    }
  }
  return {
    expired,
    sweep: NEW_SWEEP,
    alarmAt: first === Infinity ? null : Math.max(first, now + SWEEP_EVERY_MS),
  };
}

/**
 * When to set the alarm after rows were recorded, or null to leave it as it is: setting it is a row written,
 * so it is set anew only where it would come too late for these rows, or never.
 */
export function planAlarm(rows: readonly Expiring[], armedAt: number | null, now: number): number | null {
  if (rows.length === 0) return null;
  const first = rows.reduce((soonest, { expiresAt }) => Math.min(soonest, expiresAt), Infinity);
  return planAlarmAt(Math.max(first, now + SWEEP_EVERY_MS), armedAt, now);
}
