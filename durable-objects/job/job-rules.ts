import type { JobError } from "../../worker/contract/jobs/job-error.ts";
import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import type { RunReport } from "../../worker/contract/jobs/run-report.ts";
import type { TimelineEvent } from "../../worker/contract/jobs/timeline-event.ts";
import { planAlarmAt } from "../plan-alarm-at.ts";
import { awaitMessage, EARLY_MS, resendLater } from "../resend.ts";
import type { EndedJob, Job, JobState, Notice, PendingNotice, QueuedJob, RunningJob } from "./job-record.ts";

/** What time decides about a job, and the steps that every way of ending one has in common; pure. */

/** How long a delivery of a webhook may go unreported: it takes 15 s at most, and the queue some more. */
const REPORT_WITHIN_MS = 60_000;
/** Of one run's attempts: a route has no more targets. */
const MAX_ATTEMPTS_PER_RUN = 16;
const MAX_ERROR_LENGTH = 500;
/** Deliveries of a webhook go on for a day; a report that never comes ends the waiting for it. */
const NOTICE_WITHIN_MS = 2 * 86_400_000;

interface Settled {
  readonly state: JobState;
  readonly effects: readonly { readonly kind: "send" | "notify"; readonly delaySeconds: 0 }[];
}

const settled = (state: JobState): Settled => ({ state, effects: [] });
const sent = (state: JobState, kind: "send" | "notify" = "send"): Settled => ({
  state,
  effects: [{ kind, delaySeconds: 0 }],
});

/**
 * Brings a state up to `now`: forgets what has been kept long enough, ends what is past its deadline,
 * takes back leases that have run out, and sends again what nobody has claimed.
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
  // A window that has not run its job by then is to run it no more.
  const { seat: _, ...own } = state;
  return sent({ ...own, ...resendLater(state, now) });
}

/** A job is kept until its webhook has been told, or too much time has gone by for that. */
function settleEnded(state: EndedJob, now: number): Settled {
  const { notice } = state;
  if (notice?.status === "pending" && now < state.endedAt + NOTICE_WITHIN_MS) {
    if (now < notice.resendAt) return settled(state);
    return sent({ ...state, notice: { ...notice, ...resendLater(notice, now) } }, "notify");
  }
  if (now >= retainUntil(state)) return settled({ status: "absent" });
  return settled(notice?.status === "pending" ? { ...state, notice: { status: "given_up" } } : state);
}

/** A lease that ran out: the run is lost, and with it the knowledge whether the upstream was called. */
export function takeBack(state: RunningJob, now: number): Settled {
  const { policy } = state.job.facts;
  if (policy.onUnknownOutcome === "fail") return settled(loseRun(state, UNKNOWN, now));
  if (state.cancelRequestedAt !== null || state.job.epoch >= policy.maxAttempts) {
    return settled(loseRun(state, EXHAUSTED, now));
  }
  return sent(queueAgain(addLostRun(state, now), "lease_expired", now, now));
}

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
  const lost = { target: null, startedAt: leasedAt, endedAt: now, status: null, error: "lease_expired" };
  return addRun(job, { attempts: [lost], usage: null, costUsd: null });
}

/** Adds what a run did and used; costs of all runs add up, known ones to unknown ones too. */
export function addRun(job: Job, run: RunReport): Job {
  const attempts = run.attempts.slice(0, MAX_ATTEMPTS_PER_RUN).map((attempt) => ({
    ...attempt,
    error: attempt.error === null ? null : attempt.error.slice(0, MAX_ERROR_LENGTH),
  }));
  const costUsd = run.costUsd === null ? job.costUsd : (job.costUsd ?? 0) + run.costUsd;
  const shared = run.window ? { window: run.window } : {};
  return {
    ...job,
    attempts: [...job.attempts, ...attempts],
    usage: run.usage ?? job.usage,
    costUsd,
    ...shared,
  };
}

/** Puts a job back for another run at `retryAt`; the alarm sends it should the message not come back. */
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

/** The only way to an outcome. */
export function endJob(job: Job, ending: Ending, now: number): EndedJob {
  const type = `job.${ending.status}`;
  const error = "error" in ending ? { error: ending.error.code } : {};
  const wanted = job.facts.webhook?.events.includes(type) === true;
  const notice = wanted ? awaitReport(1, now) : null;
  return { ...ending, job: note(job, { at: now, type, ...error }), endedAt: now, notice };
}

/** Whether a delivery's time has come; what the alarm has sent is late already. */
export const isDue = ({ resendAt, resends }: PendingNotice, now: number): boolean =>
  resends > 0 || now >= resendAt - REPORT_WITHIN_MS - EARLY_MS;

/** A delivery that is to be made at `at`; the alarm sends it should its message not come back. */
export const awaitReport = (attempt: number, at: number): Notice => ({
  status: "pending",
  attempt,
  resendAt: at + REPORT_WITHIN_MS,
  resends: 0,
});

/** Adds to the timeline under the next number. */
export function note(job: Job, event: Omit<TimelineEvent, "seq">): Job {
  const seq = (job.timeline.at(-1)?.seq ?? 0) + 1;
  return { ...job, timeline: [...job.timeline, { seq, ...event }] };
}

/** When an ended job is forgotten. */
export const retainUntil = ({ job, endedAt }: EndedJob): number => endedAt + job.facts.policy.retainMs;

/**
 * When time will next decide something about the job; null where there is nothing to wait for. A job that
 * has a seat sets its alarm for the end of its retention at once, as if it ended as late as its window can
 * need: the window has an alarm of its own, and so one row does for all of the job's life.
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
 * How late the alarm may come: an ended job is kept for longer rather than have its alarm set anew, though
 * at most twice as long as was asked. Whoever asks for it is told in time that it is gone.
 */
export function latestAt(state: JobState): number | null {
  const due = dueAt(state);
  const kept = isEnded(state) && state.notice?.status !== "pending";
  return due !== null && kept ? due + state.job.facts.policy.retainMs : due;
}

/**
 * When to set the alarm, or null to leave it alone. One that comes early tells the directory on its way how
 * the job stands.
 */
export function planAlarm(state: JobState, armedAt: number | null, now: number): number | null {
  const latest = latestAt(state);
  const comesInTime = latest !== null && armedAt !== null && armedAt > now && armedAt <= latest;
  return comesInTime ? null : planAlarmAt(dueAt(state), armedAt, now);
}

/** How soon the directory is told of an end once more, should the first time have failed. */
const TOLD_WITHIN_MS = 60_000;

interface Step {
  readonly before: JobState;
  readonly after: JobState;
  readonly armedAt: number | null;
  readonly now: number;
}

/** The alarm's plan after a step: of a job that has just ended an alarm tells soon, before its retention's. */
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
