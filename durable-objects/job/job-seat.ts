import type { RunReport, Seat, WindowPlace } from "../../worker/domain/jobs/job-protocol.ts";
import type { JobState, QueuedJob, RunningJob } from "./job-record.ts";
import { holds, lease } from "./job-lease.ts";
import { RESEND_AFTER_MS } from "./job-rules.ts";

/**
 * A job that a window runs with others; pure. It is told of its runs when they are over: so it writes no
 * row for a claim, and is `queued` until then. The window counts the runs, and of two reports the later run's
 * stands.
 */

/**
 * How long past its time a job still counts on its window: a run may last a delivery's fifteen minutes, and
 * its message may wait in a long queue before. To be run twice costs more than to wait.
 */
export const LOST_AFTER_MS = 3_600_000;

/** Hands a job over to a window. */
export const placeJob = (queued: QueuedJob, { window, maxDelayMs }: WindowPlace, now: number): QueuedJob => ({
  ...queued,
  batching: window,
  resendAt: now + maxDelayMs + LOST_AFTER_MS,
  resends: 0,
});

/** Takes a job from its window: it is to be run by itself. */
export function releaseJob(state: QueuedJob, now: number): QueuedJob {
  const { batching: _, ...queued } = state;
  return { ...queued, resendAt: now + RESEND_AFTER_MS, resends: 0 };
}

/** A job that its window is to run again. */
export const keepPlace = (queued: QueuedJob, { window }: Seat): QueuedJob =>
  placeJob(queued, { window, maxDelayMs: 0 }, queued.notBefore);

/** The window of a job that it has not run yet: perhaps it was never told of it. */
export const seatOf = (state: JobState): { readonly window?: string } =>
  state.status === "queued" && state.batching !== undefined && state.job.epoch === 0
    ? { window: state.batching }
    : {};

/** What a window says of a run. */
export interface WindowRun {
  readonly seat: Seat;
  readonly epoch: number;
  readonly startedAt: number;
}

/** The run that a window reports, as if it had been claimed; undefined where it counts for nothing. */
export function findWindowRun(state: JobState, run: WindowRun): RunningJob | undefined {
  const { seat, epoch, startedAt } = run;
  if (!sits(state, seat) || epoch <= state.job.epoch) return undefined;
  return lease(state, { epoch, startedAt, leaseUntil: startedAt });
}

/** The answer to a run that is reported once more, of a job that is still in its window. */
export function findCounted(state: JobState, { seat, epoch }: Omit<Reported, "report">) {
  if (seat === undefined || !sits(state, seat) || epoch > state.job.epoch) return undefined;
  return { kind: "retry" as const, retryAt: state.notBefore };
}

const sits = (state: JobState, { window, createdAt }: Seat): state is QueuedJob =>
  state.status === "queued" && state.batching === window && state.job.createdAt === createdAt;

/** The run that is reported on: the newest lease's, or one that the job's window has made. */
export function findRun(
  state: JobState,
  { epoch, seat, report }: Reported,
  now: number,
): RunningJob | undefined {
  if (seat === undefined) return holds(state, epoch) ? state : undefined;
  const startedAt = Math.min(report.attempts[0]?.startedAt ?? now, now);
  return findWindowRun(state, { epoch, seat, startedAt });
}

interface Reported {
  readonly epoch: number;
  readonly seat: Seat | undefined;
  readonly report: RunReport;
}
