import type { Lease } from "../../worker/domain/jobs/job-protocol.ts";
import { extendLease } from "../extend-lease.ts";
import type { Job, JobState, QueuedJob, RunningJob } from "./job-record.ts";
import { countTries, note } from "./job-rules.ts";

/** The right to run a job: how it begins, and how it lasts; pure. */

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

/** The run with its lease extended, or unchanged where more than half of the lease is left. */
export function stretch(state: RunningJob, leaseMs: number, now: number): RunningJob {
  const leaseUntil = extendLease(state, leaseMs, now);
  return leaseUntil === state.leaseUntil ? state : { ...state, leaseUntil };
}

export function leaseOf({ job, leaseUntil }: RunningJob): Lease {
  const { epoch, createdAt, completeBy } = job;
  const brokeAt = findBroken(job);
  return {
    epoch,
    tries: countTries(job),
    createdAt,
    leaseUntil,
    completeBy,
    ...(brokeAt === undefined ? {} : { brokeAt }),
  };
}

/** The target whose answer began in the last run and broke off, unless the run itself was stopped. */
function findBroken({ attempts }: Job): string | undefined {
  const last = attempts.at(-1);
  const broke = last?.status === 200 && last.error !== null && last.error !== "client_closed";
  return broke ? (last.target ?? undefined) : undefined;
}

export const holds = (state: JobState, epoch: number): state is RunningJob =>
  state.status === "in_progress" && state.job.epoch === epoch;
