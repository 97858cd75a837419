import type { Lease } from "../../worker/domain/jobs/job-protocol.ts";
import type { JobState, QueuedJob, RunningJob } from "./job-record.ts";
import { note } from "./job-rules.ts";

/** The right to run a job: how it begins, and how it lasts; pure. */

/** The longest that a lease is extended by. */
const MAX_LEASE_MS = 5 * 60_000;

interface Begun {
  readonly epoch: number;
  readonly startedAt: number;
  readonly leaseUntil: number;
}

/** Begins a run. */
export function lease({ job }: QueuedJob, { epoch, startedAt, leaseUntil }: Begun): RunningJob {
  const started = note(
    { ...job, epoch, startedAt: job.startedAt ?? startedAt },
    { at: startedAt, type: "job.started", epoch },
  );
  return { status: "in_progress", job: started, leasedAt: startedAt, leaseUntil, cancelRequestedAt: null };
}

export const claimJob = (state: QueuedJob, now: number, leaseMs: number): RunningJob =>
  lease(state, { epoch: state.job.epoch + 1, startedAt: now, leaseUntil: now + leaseMs });

/**
 * A lease with half its time left is left alone, for each change is a row written; else it is given as
 * much again as the run has taken so far. So a long run writes few rows, and one that is lost is made up
 * for in at most twice the time.
 */
export function stretch(state: RunningJob, leaseMs: number, now: number): RunningJob {
  if (state.leaseUntil - now > leaseMs / 2) return state;
  const more = Math.max(leaseMs, Math.min(now - state.leasedAt, MAX_LEASE_MS));
  return { ...state, leaseUntil: now + more };
}

export const leaseOf = ({ job: { epoch, createdAt, completeBy }, leaseUntil }: RunningJob): Lease => ({
  epoch,
  createdAt,
  leaseUntil,
  completeBy,
});

export const holds = (state: JobState, epoch: number): state is RunningJob =>
  state.status === "in_progress" && state.job.epoch === epoch;
