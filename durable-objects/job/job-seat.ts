import type { RunReport } from "../../worker/contract/jobs/run-report.ts";
import type { NewSeat, Seat } from "../../worker/domain/jobs/job-protocol.ts";
import { awaitMessage } from "../resend.ts";
import { holds, lease } from "./job-lease.ts";
import type { JobState, QueuedJob, RunningJob } from "./job-record.ts";

/**
 * A job that has a seat in a window, which runs it with others; pure. The job's object is told of a run only
 * when that is over: so it writes no row for a claim, and the job is `queued` until then. The window numbers
 * the runs; of two reports that of the later run counts.
 */

/**
 * How long after its time a job is still left to its window: a run may take the fifteen minutes of a
 * delivery, and its message may wait in a long queue before. Running a job twice costs more than waiting.
 */
export const LOST_AFTER_MS = 3_600_000;

/** Gives a job a seat. */
export const seatJob = (queued: QueuedJob, { window, maxDelayMs }: NewSeat, now: number): QueuedJob => ({
  ...queued,
  seat: { window },
  resendAt: now + maxDelayMs + LOST_AFTER_MS,
  resends: 0,
});

/** Takes a job from its seat: it is to be run by itself. */
export function releaseJob(state: QueuedJob, now: number): QueuedJob {
  const { seat: _, ...queued } = state;
  return { ...queued, ...awaitMessage(Math.max(now, state.notBefore)) };
}

/** A job that its window is to run again. */
export const keepSeat = (queued: QueuedJob, { window }: Seat): QueuedJob =>
  seatJob(queued, { window, maxDelayMs: 0 }, queued.notBefore);

/** The seat that a queued job has, if any. */
export const seatOf = ({ seat, job: { createdAt } }: QueuedJob): Seat | undefined =>
  seat && { window: seat.window, createdAt };

/** The seat of a job that has not been run yet; its window may not have been told of it. */
export const unusedSeatOf = (state: JobState): Seat | undefined =>
  state.status === "queued" && state.job.epoch === 0 ? seatOf(state) : undefined;

/** A window's report of a run. */
export interface WindowRun {
  readonly seat: Seat;
  readonly epoch: number;
  readonly startedAt: number;
}

/** The run that a window reports, as if it had been claimed; undefined where it does not count. */
export function findWindowRun(state: JobState, run: WindowRun): RunningJob | undefined {
  const { seat, epoch, startedAt } = run;
  if (!hasSeat(state, seat) || epoch <= state.job.epoch) return undefined;
  return lease(state, { epoch, startedAt, leaseUntil: startedAt });
}

/** The reply to a repeated report of a run, where the job still has its seat. */
export function findCounted(state: JobState, { seat, epoch }: Omit<Reported, "report">) {
  if (seat === undefined || !hasSeat(state, seat) || epoch > state.job.epoch) return undefined;
  return { kind: "retry" as const, retryAt: state.notBefore };
}

const hasSeat = (state: JobState, { window, createdAt }: Seat): state is QueuedJob =>
  state.status === "queued" && state.seat?.window === window && state.job.createdAt === createdAt;

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
