import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { buildEntry, type JobEntry } from "../../../worker/domain/jobs/job-entry.ts";
import { encodeJobId } from "../../../worker/domain/jobs/job-id.ts";

/** Jobs as directories list them, each with what a test may want otherwise. */

/** Far ahead of the real clock. */
export const T = 4_000_000_000_000;
const HOUR = 3_600_000;

/** The id of the test's job number `n`. */
export const idOf = (n: number): string => encodeJobId((n * 7919).toString(16).padStart(64, "0"));

export function describeEntry(n: number, changes: Partial<JobDocument> = {}): JobDocument {
  const self = `/v1/jobs/${idOf(n)}`;
  return {
    id: idOf(n),
    object: "job",
    task: "embeddings",
    status: "queued",
    model: "embed",
    created_at: new Date(T + n).toISOString(),
    started_at: null,
    ended_at: null,
    expires_at: new Date(T + 24 * HOUR).toISOString(),
    attempts: [],
    progress: { phase: "queued", position: null },
    next_attempt_at: null,
    output: null,
    error: null,
    usage: null,
    cost_usd: null,
    saved_usd: null,
    cache: null,
    window: null,
    retry_of: null,
    metadata: {},
    urls: { self, events: `${self}/events`, output: `${self}/output`, cancel: `${self}/cancel` },
    ...changes,
  };
}

/** The entry of job number `n`, created at T + n. */
export const entryOf = (n: number, version = 1, changes: Partial<JobDocument> = {}): JobEntry =>
  buildEntry(describeEntry(n, changes), version);
