import type { JobRecord } from "./job-record.ts";

/** What holds of every job, whatever was done to the gateway. Each law says what is wrong, or nothing. */
export type Law = (job: JobRecord, bounds: Bounds) => readonly string[];

export interface Bounds {
  /** How many attempts the route gives a job. */
  readonly maxAttempts: number;
}

/** Of a text what fits on a line. */
export const brief = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** Of an ended job what tells it from another stands all over; the first kilobyte shows most of it. */
export const differingPart = (text: string) => (text.length > 1000 ? `${text.slice(0, 1000)}…` : text);
