import type { JobError } from "../../worker/contract/jobs/job-error.ts";
import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import type { RunReport } from "../../worker/contract/jobs/run-report.ts";
import type { TimelineEvent } from "../../worker/contract/jobs/timeline-event.ts";
import { planAlarmAt } from "../plan-alarm-at.ts";
import { lostRunDelayMs } from "../../worker/domain/jobs/retry-delay.ts";
import { awaitMessage, EARLY_MS, resendLater, toDelaySeconds } from "../resend.ts";
import type { EndedJob, Job, JobState, Notice, PendingNotice, QueuedJob, RunningJob } from "./job-record.ts";

/** What becomes of a job as time passes, and the steps that all ways of ending one have in common; pure. */

/** How long to wait for the report of a webhook's delivery: it takes 15 s at most, and the queue some more. */
const REPORT_WITHIN_MS = 60_000;
/** The most attempts that are kept of a run: a route has no more targets. */
const MAX_ATTEMPTS_PER_RUN = 16;
/** The most attempts, the newest, and entries of the timeline that are kept of a job: its row has a bound. */
const MAX_KEPT = 256;
const MAX_ERROR_LENGTH = 500;
/** How long an ended job is kept for its webhook at most: deliveries go on for a day. */
const NOTICE_WITHIN_MS = 2 * 86_400_000;

interface Settled {
  readonly state: JobState;
  readonly effects: readonly { readonly kind: "send" | "notify"; readonly delaySeconds: number }[];
}

const settled = (state: JobState): Settled => ({ state, effects: [] });
const sent = (state: JobState, kind: "send" | "notify" = "send"): Settled => ({
  state,
  effects: [{ kind, delaySeconds: 0 }],
});

/**
 * Brings a state up to `now`: deletes a job after its retention, ends one that is past its deadline, takes
 * back a lease that has run out, and sends an unclaimed job again.
 */
export function settle(state: JobState, now: number): Settled {
  if (state.status === "absent") return settled(state);
  if (isEnded(state)) return settleEnded(state, now);
  if (state.status === "queued") return settleQueued(state, now);
  if (now >= state.job.completeBy) return settled(loseRun(state, DEADLINE, now));
  return now >= state.leaseUntil ? takeBack(state, now) : settled(state);
}

function settleQueued(state: QueuedJob, now: number): Settled {
  const { job } = state;
  const neverStarted = job.epoch === 0;
  const late = now >= job.completeBy || (neverStarted && job.startBy !== null && now >= job.startBy);
  if (late)
    return settled(endJob(job, { status: neverStarted ? "expired" : "failed", error: DEADLINE }, now));
  if (now < state.resendAt) return settled(state);
  // A window that has not run its job by then loses it.
  const { seat: _, ...own } = state;
  return sent({ ...own, ...resendLater(state, now) });
}

/** An ended job is kept until its notice is delivered or given up, or NOTICE_WITHIN_MS have passed. */
function settleEnded(state: EndedJob, now: number): Settled {
  const { notice } = state;
  if (notice?.status === "pending" && now < state.endedAt + NOTICE_WITHIN_MS) {
    if (now < notice.resendAt) return settled(state);
    return sent({ ...state, notice: { ...notice, ...resendLater(notice, now) } }, "notify");
  }
  if (now >= retainUntil(state)) return settled({ status: "absent" });
  return settled(notice?.status === "pending" ? { ...state, notice: { status: "given_up" } } : state);
}

/** Takes a lease back that ran out: the run is lost, and it is unknown whether the upstream was called. */
export function takeBack(state: RunningJob, now: number): Settled {
  const { policy } = state.job.facts;
  if (policy.onUnknownOutcome === "fail") return settled(loseRun(state, UNKNOWN, now));
  if (state.cancelRequestedAt !== null || hasNoRunLeft(state.job)) {
    return settled(loseRun(state, EXHAUSTED, now));
  }
  const job = addLostRun(state, now);
  const waitMs = lostRunDelayMs(countLostRuns(job), job.completeBy - now);
  const queued = queueAgain(job, LOST, now + waitMs, now);
  return { state: queued, effects: [{ kind: "send", delaySeconds: toDelaySeconds(waitMs) }] };
}

/** How many runs a job has had, without those that made no call. */
export const countTries = ({ epoch, postponed }: Job): number => epoch - postponed;

/** Whether its route allows a job no further run. */
export const hasNoRunLeft = (job: Job): boolean => {
  const { maxAttempts } = job.facts.policy;
  return maxAttempts !== null && countTries(job) >= maxAttempts;
};

/** How many runs were lost since one was last reported. */
const countLostRuns = ({ attempts }: Job): number =>
  attempts.length - 1 - attempts.findLastIndex(({ error }) => error !== LOST);

/** The error of a run that was never reported. */
const LOST = "lease_expired";

/** Ends a job whose run never reported: as canceled where that was asked for, else with the error. */
function loseRun(state: RunningJob, error: JobError, now: number): EndedJob {
  const job = addLostRun(state, now);
  return endJob(
    job,
    state.cancelRequestedAt === null ? { status: "failed", error } : { status: "canceled" },
    now,
  );
}

function addLostRun({ job, leasedAt }: RunningJob, now: number): Job {
  const lost = { target: null, startedAt: leasedAt, endedAt: now, status: null, error: LOST };
  return addRun(job, { attempts: [lost], usage: null, costUsd: null });
}

/** Adds what a run did and used. Costs of all runs are summed; an unknown cost counts as none. */
export function addRun(job: Job, run: RunReport): Job {
  const attempts = run.attempts.slice(0, MAX_ATTEMPTS_PER_RUN).map((attempt) => ({
    ...attempt,
    error: attempt.error === null ? null : attempt.error.slice(0, MAX_ERROR_LENGTH),
  }));
  const costUsd = run.costUsd === null ? job.costUsd : (job.costUsd ?? 0) + run.costUsd;
  const shared = run.window ? { window: run.window } : {};
  const saved = run.savedUsd === undefined ? {} : { savedUsd: (job.savedUsd ?? 0) + run.savedUsd };
  const all = [...job.attempts, ...attempts];
  const kept = all.slice(-MAX_KEPT);
  return {
    ...job,
    attempts: kept,
    attemptsLeftOut: job.attemptsLeftOut + all.length - kept.length,
    usage: run.usage ?? job.usage,
    costUsd,
    ...shared,
    ...saved,
  };
}

/** Puts a job back for another run at `retryAt`; the alarm sends it where its message does not come. */
export function queueAgain(job: Job, error: string, retryAt: number, now: number): QueuedJob {
  const noted = note(job, { at: now, type: "job.retrying", retryAt, error });
  return {
    status: "queued",
    job: noted,
    notBefore: retryAt,
    ...awaitMessage(retryAt),
  };
}

type Ending<S extends EndedJob["status"] = EndedJob["status"]> = {
  [T in S]: Omit<Extract<EndedJob, { status: T }>, "job" | "endedAt" | "notice">;
}[S];

/** Gives a job its outcome; no other function does. */
export function endJob(job: Job, ending: Ending, now: number): EndedJob {
  const type = `job.${ending.status}`;
  const error = "error" in ending ? { error: ending.error.code } : {};
  const wanted = job.facts.webhook?.events.includes(type) === true;
  const notice = wanted ? awaitReport(1, now) : null;
  return { ...ending, job: note(job, { at: now, type, ...error }), endedAt: now, notice };
}

/** Whether a delivery is due; one that the alarm has sent again is. */
export const isDue = ({ resendAt, resends }: PendingNotice, now: number): boolean =>
  resends > 0 || now >= resendAt - REPORT_WITHIN_MS - EARLY_MS;

/** A delivery that is to be made at `at`; the alarm sends its message again where it is not reported. */
export const awaitReport = (attempt: number, at: number): Notice => ({
  status: "pending",
  attempt,
  resendAt: at + REPORT_WITHIN_MS,
  resends: 0,
});

/** Adds to the timeline under the next number. Of a long one the first entry and the newest are kept. */
export function note(job: Job, event: Omit<TimelineEvent, "seq">): Job {
  const seq = (job.timeline.at(-1)?.seq ?? 0) + 1;
  const all = [...job.timeline, { seq, ...event }];
  const timeline = all.length > MAX_KEPT ? [...all.slice(0, 1), ...all.slice(1 - MAX_KEPT)] : all;
  return { ...job, timeline };
}

/** When an ended job is forgotten. */
export const retainUntil = ({ job, endedAt }: EndedJob): number => endedAt + job.facts.policy.retainMs;

/**
 * When something is next due for the job; null where nothing is. A job with a seat sets its alarm at once for
 * the latest possible end of its retention: the window has its own alarm, so this one row suffices for the
 * whole job.
 */
export function dueAt(state: JobState): number | null {
  if (state.status === "absent") return null;
  if (isEnded(state)) return state.notice?.status === "pending" ? state.notice.resendAt : retainUntil(state);
  const { job } = state;
  if (state.status === "in_progress") return Math.min(state.leaseUntil, job.completeBy);
  if (state.seat !== undefined) return state.resendAt + job.facts.policy.retainMs;
  const startBy = job.epoch === 0 && job.startBy !== null ? job.startBy : Infinity;
  return Math.min(state.resendAt, startBy, job.completeBy);
}

/**
 * How late the alarm may come: an ended job is kept longer, up to twice as long as was asked, rather than
 * have its alarm set anew. Callers are told in time that it is gone.
 */
export function latestAt(state: JobState): number | null {
  const due = dueAt(state);
  const kept = isEnded(state) && state.notice?.status !== "pending";
  return due !== null && kept ? due + state.job.facts.policy.retainMs : due;
}

/**
 * When to set the alarm, or null to leave it as it is. An alarm that comes early also tells the directory the
 * job's status.
 */
export function planAlarm(state: JobState, armedAt: number | null, now: number): number | null {
  const latest = latestAt(state);
  const comesInTime = latest !== null && armedAt !== null && armedAt > now && armedAt <= latest;
  return comesInTime ? null : planAlarmAt(dueAt(state), armedAt, now);
}

/** How soon the directory is told of an end a second time, in case the first call failed. */
const TOLD_WITHIN_MS = 60_000;

interface Step {
  readonly before: JobState;
  readonly after: JobState;
  readonly armedAt: number | null;
  readonly now: number;
}

/**
 * When to set the alarm after a step. After a job's end one comes soon, to tell the directory, before
 * retention's.
 */
export function planNext({ before, after, armedAt, now }: Step): number | null {
  const alarmAt = planAlarm(after, armedAt, now);
  const ends = isEnded(after) && !isEnded(before);
  return ends && alarmAt !== null ? Math.min(alarmAt, now + TOLD_WITHIN_MS) : alarmAt;
}

const DEADLINE: JobError = {
  code: "deadline_exceeded",
  message: "The job was not done in the time it was given.",
};
const UNKNOWN: JobError = {
  code: "outcome_unknown",
  message: "The run was lost; whether the provider was called is not known, and the route does not repeat.",
};
const EXHAUSTED: JobError = { code: "attempts_exhausted", message: "The last attempt was lost." };
