import { comparePositions, type JobPosition } from "./job-entry.ts";
import type { JobFilter } from "./job-list-query.ts";

/**
 * What the Worker and the objects of a tenant's directory say to each other, and how a tenant's entries
 * are divided among these. Times are milliseconds since the epoch.
 */

/** An entry as it is stored. */
export interface EntryRow extends JobPosition {
  readonly version: number;
  readonly expiresAt: number;
  readonly status: string;
  readonly model: string;
  /** JSON; null for a job that was removed. */
  readonly summary: string | null;
}

export interface ShardQuery {
  readonly filter: JobFilter;
  readonly after: JobPosition | null;
  /** The most entries to give. */
  readonly count: number;
}

export interface ListedEntry extends JobPosition {
  /** JSON. */
  readonly summary: string;
}

/** What one object found, newest first. */
export interface ShardPage {
  readonly entries: readonly ListedEntry[];
  /** The last row it read, where it stopped before the end. */
  readonly scannedTo: JobPosition | null;
}

/** One object of a directory. Calls may be repeated, late, and in any order. */
export interface JobDirectoryPort {
  record(rows: readonly EntryRow[]): Promise<void>;
  remove(position: JobPosition, expiresAt: number): Promise<void>;
  list(query: ShardQuery): Promise<ShardPage>;
}

/**
 * How many objects a tenant's directory has: one takes about 500 updates a second. Changing it means moving
 * what is stored, for a hash of the id decides which object has an entry.
 */
export const DIRECTORY_SHARDS = 4;

/** A tenant's name holds no line breaks. */
export const directoryObjectName = (tenant: string, shard: number): string => `${tenant}\n${shard}`;

/** Which object holds a job's entry: FNV-1a of the id, of which the low bits alone depend on too little. */
export function shardOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 16) % DIRECTORY_SHARDS;
}

export interface ListedPage {
  readonly entries: readonly ListedEntry[];
  /** Where to go on; null where there is no more. */
  readonly next: JobPosition | null;
}

/**
 * Makes one page of what the shards found; each was asked for `limit` + 1 entries. Entries older than the
 * point where some shard stopped reading are left for a later page: that shard may have newer ones.
 */
export function mergePages(pages: readonly ShardPage[], limit: number): ListedPage {
  const stops = pages.flatMap(({ scannedTo }) => (scannedTo ? [scannedTo] : []));
  const horizon = stops.toSorted(comparePositions)[0];
  const certain = pages
    .flatMap(({ entries }) => entries)
    .filter((entry) => !horizon || comparePositions(entry, horizon) <= 0)
    .toSorted(comparePositions);
  const entries = certain.slice(0, limit);
  const last = certain.length > limit ? entries.at(-1) : horizon;
  return { entries, next: last ? { createdAt: last.createdAt, id: last.id } : null };
}
