import type { JobDocument } from "../../contract/jobs/job-document.ts";
import type { JobSummary } from "../../contract/jobs/job-list.ts";
import type { JobStatus } from "../../contract/jobs/job-status.ts";

/** A job as its tenant's directory lists it. */
export interface JobEntry {
  readonly id: string;
  /** The last number of the job's timeline: of two entries of a job the one with the higher version is kept. */
  readonly version: number;
  readonly status: JobStatus;
  readonly model: string;
  /** Milliseconds since the epoch; never changes, and is half of the entry's key. */
  readonly createdAt: number;
  /** From when on the entry is not shown, in milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** What the list shows, in its wire form. */
  readonly summary: JobSummary;
}

/**
 * The position of an entry in a tenant's list. Both parts are needed: a job that is deleted and submitted again
 * under the same key has the same id, and is another job.
 */
export interface JobPosition {
  readonly createdAt: number;
  readonly id: string;
}

/** The entry of a job as its document tells it at `version`. Pure. */
export function buildEntry(document: JobDocument, version: number): JobEntry {
  const {
    attempts: _,
    progress: _p,
    next_attempt_at: _n,
    output: _o,
    window: _w,
    urls: _u,
    ...summary
  } = document;
  const { id, status, model, metadata } = document;
  const createdAt = Date.parse(document.created_at);
  const expiresAt = Date.parse(document.expires_at);
  return { id, version, status, model, createdAt, expiresAt, metadata, summary };
}

/** Orders positions as lists do: newest first, and those of one millisecond by their ids. */
export function comparePositions(one: JobPosition, other: JobPosition): number {
  if (one.createdAt !== other.createdAt) return other.createdAt - one.createdAt;
  return one.id === other.id ? 0 : one.id < other.id ? 1 : -1;
}
