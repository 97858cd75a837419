import type { JobError } from "../../worker/contract/jobs/job-error.ts";
import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import type {
  FailedRun,
  JobAnswer,
  JobReplies,
  NewSeat,
  Seat,
  Submission,
} from "../../worker/domain/jobs/job-protocol.ts";
import type { DeliveryRef, NoticeReport } from "../../worker/domain/webhooks/job-notice.ts";
import { isEarly, toDelaySeconds } from "../resend.ts";
import { accept } from "./job-acceptance.ts";
import { claimJob, holds, leaseOf, stretch } from "./job-lease.ts";
import type { Job, JobState, Notice, QueuedJob } from "./job-record.ts";
import {
  addRun,
  awaitReport,
  endJob,
  hasNoRunLeft,
  note,
  queueAgain,
  settle,
  takeBack,
} from "./job-rules.ts";
import {
  findCounted,
  findRun,
  findWindowRun,
  keepSeat,
  releaseJob,
  seatJob,
  seatOf,
  unusedSeatOf,
} from "./job-seat.ts";

/**
 * A job's life, pure: time is an argument, and nothing here touches storage. The laws:
 * - One outcome: the first terminal state stays until the job is deleted.
 * - Epochs only grow, and only the newest lease may extend, complete or fail: older ones are refused.
 * - A run that was lost counts as an attempt, so a job that crashes its runs comes to an end.
 * - What is due by now (`settle`) is done before each event.
 * Transitions do not set the alarm: `planAlarm` derives it from the state, so that none can forget it.
 */
export interface Payloads {
  submit: { readonly submission: Submission; readonly seat?: NewSeat | undefined };
  submitAndClaim: { readonly submission: Submission; readonly leaseMs: number };
  claim: { readonly leaseMs: number };
  extend: Reporting & { readonly leaseMs: number };
  complete: Reporting & { readonly answer: JobAnswer };
  failAttempt: Reporting & { readonly run: FailedRun };
  loseRun: { readonly epoch: number; readonly startedAt: number; readonly seat: Seat };
  release: unknown;
  deadLetter: unknown;
  cancel: { readonly tenant: string };
  remove: { readonly tenant: string };
  read: { readonly tenant: string };
  notice: unknown;
  reportNotice: { readonly delivery: DeliveryRef; readonly report: NoticeReport };
  alarm: unknown;
}

/** Which run reports: one of a window or that of a lease, and of which job where the key was used again. */
interface Reporting {
  readonly epoch: number;
  readonly seat?: Seat | undefined;
  readonly createdAt?: number | undefined;
}

export type EventType = keyof Payloads;
export type JobEvent<K extends EventType = EventType> = { [T in K]: { readonly type: T } & Payloads[T] }[K];

export type Effect =
  /** Bytes that are stored with the state. */
  | { readonly kind: "store"; readonly body: "request" | "output"; readonly bytes: Uint8Array }
  /** Tells a queue that the job is to be run, or that its webhook is to be told of its end. */
  | { readonly kind: "send" | "notify"; readonly delaySeconds: number }
  /** Tells the tenant's directory the job's status. */
  | { readonly kind: "list" };

export interface Transition<R> {
  readonly state: JobState;
  readonly effects: readonly Effect[];
  readonly reply: R;
}

/** The largest output that a job keeps; RPC can pass somewhat more in one piece. */
export const MAX_OUTPUT_BYTES = 25 * 1024 * 1024;
/** The longest delay of a message that a queue takes. */
const MAX_DELAY_MS = 12 * 3_600_000;

type Rule<K extends EventType> = (
  state: JobState,
  event: Payloads[K],
  now: number,
) => Transition<JobReplies[K]>;

/** Applies one event; gives the state after it, the effects to perform, and the reply. */
export function transition<K extends EventType>(
  state: JobState,
  event: { readonly type: K } & Payloads[K],
  now: number,
): Transition<JobReplies[K]> {
  const settled = HOLDERS_EVENTS.has(event.type) ? { state, effects: [] } : settle(state, now);
  const rule: Rule<K> = rules[event.type];
  const next = rule(settled.state, event, now);
  const ends = isEnded(next.state) && !isEnded(state);
  const effects = [...settled.effects, ...next.effects];
  if (ends && next.state.notice?.status === "pending") effects.push({ kind: "notify", delaySeconds: 0 });
  // The directory is told again by the alarm, or by a repeated report: the first call at the end may have
  // failed.
  const tellsAgain = isWindowsReport(event) ? isEnded(state) : event.type === "alarm" && !isEnded(state);
  if (ends || (tellsAgain && next.state.status !== "absent")) effects.push({ kind: "list" });
  // A message that became due by time alone is not needed where the event has claimed or ended the job.
  const wanted = next.state.status === "queued" ? effects : effects.filter(({ kind }) => kind !== "send");
  return { ...next, effects: wanted };
}

/** Whether the event is a window's report of a run. */
export const isWindowsReport = (event: { readonly type: EventType; readonly seat?: unknown }): boolean =>
  event.seat !== undefined;

/** A run that reports late still counts, as long as no other has begun. */
const HOLDERS_EVENTS: ReadonlySet<EventType> = new Set(["extend", "complete", "failAttempt"]);

const reply = <R>(state: JobState, value: R, effects: readonly Effect[] = []): Transition<R> => ({
  state,
  effects,
  reply: value,
});

const rules: { readonly [K in EventType]: Rule<K> } = {
  submit(state, { submission, seat }, now) {
    if (state.status !== "absent") return meet(state, submission);
    const accepted = accept(submission, now);
    const queued = seat ? seatJob(accepted, seat, now) : accepted;
    return reply(queued, { kind: "created", seat: unusedSeatOf(queued) }, [
      { kind: "store", body: "request", bytes: submission.request },
    ]);
  },

  submitAndClaim(state, { submission, leaseMs }, now) {
    if (state.status !== "absent") return meet(state, submission);
    const running = claimJob(accept(submission, now), now, leaseMs);
    return reply(running, { kind: "claimed", lease: leaseOf(running) }, [
      { kind: "store", body: "request", bytes: submission.request },
    ]);
  },

  claim(state, { leaseMs }, now) {
    if (state.status === "absent") return reply(state, { kind: "absent" });
    if (isEnded(state)) return reply(state, { kind: "terminal", status: state.status });
    if (state.status === "in_progress") return reply(state, { kind: "wait", until: state.leaseUntil });
    if (now < state.notBefore)
      return reply(state, { kind: "wait", until: state.notBefore }, again(state, now));
    const running = claimJob(state, now, leaseMs);
    return reply(running, { kind: "claimed", lease: leaseOf(running), facts: running.job.facts });
  },

  extend(state, { epoch, createdAt, leaseMs }, now) {
    if (isOther(state, createdAt) || !holds(state, epoch)) return reply(state, refusal(state));
    const canceling = state.cancelRequestedAt !== null;
    const extended = stretch(state, leaseMs, now);
    return reply(extended, { kind: "extended", leaseUntil: extended.leaseUntil, canceling });
  },

  complete(state, { epoch, createdAt, answer, seat }, now) {
    if (isOther(state, createdAt)) return reply(state, refusal(state));
    // The reply to the first report was lost: the outcome is the one that is being reported.
    if (state.status === "succeeded" && state.job.epoch === epoch) {
      return reply(state, { kind: "recorded", status: "succeeded" });
    }
    const running = findRun(state, { epoch, seat, report: answer }, now);
    if (!running) return reply(state, refusal(state));
    const job = addRun(running.job, answer);
    if (running.cancelRequestedAt !== null) return record(endJob(job, { status: "canceled" }, now));
    const sizeBytes = answer.output.byteLength;
    if (sizeBytes > MAX_OUTPUT_BYTES) {
      return record(endJob(job, { status: "failed", error: tooLarge(sizeBytes) }, now));
    }
    const { contentType, cache } = answer;
    const ended = endJob(job, { status: "succeeded", output: { contentType, sizeBytes }, cache }, now);
    return record(ended, [{ kind: "store", body: "output", bytes: answer.output }]);
  },

  failAttempt(state, { epoch, createdAt, run, seat }, now) {
    if (isOther(state, createdAt)) return reply(state, refusal(state));
    const running = findRun(state, { epoch, seat, report: run }, now);
    if (!running) return reply(state, findCounted(state, { epoch, seat }) ?? refusal(state));
    const job = addFailure(running.job, run);
    if (running.cancelRequestedAt !== null) return record(endJob(job, { status: "canceled" }, now));
    if (!run.retryable) return record(endJob(job, { status: "failed", error: run.error }, now));
    const retryAt = now + Math.min(Math.max(0, run.retryAfterMs), MAX_DELAY_MS);
    const error = retryAt >= job.completeBy ? late(run.error) : exhausted(job, run.error);
    if (error) return record(endJob(job, { status: "failed", error }, now));
    const queued = queueAgain(job, run.error.code, retryAt, now);
    if (seat !== undefined) return reply(keepSeat(queued, seat), { kind: "retry", retryAt });
    return reply(queued, { kind: "retry", retryAt }, [
      { kind: "send", delaySeconds: toDelaySeconds(retryAt - now) },
    ]);
  },

  loseRun(state, { epoch, startedAt, seat }, now) {
    const running = findWindowRun(state, { epoch, startedAt, seat });
    if (!running) return reply(state, findCounted(state, { epoch, seat }) ?? refusal(state));
    const lost = takeBack(running, now).state;
    if (lost.status === "queued") return reply(keepSeat(lost, seat), { kind: "retry" });
    return isEnded(lost) ? record(lost) : reply(state, refusal(state));
  },

  release(state, _, now) {
    if (state.status !== "queued" || state.seat === undefined) return reply(state, { kind: "none" });
    return reply(releaseJob(state, now), { kind: "released" });
  },

  deadLetter(state, _, now) {
    if (state.status === "absent") return reply(state, { kind: "absent" });
    if (isEnded(state)) return reply(state, { kind: "terminal" });
    // It is being run after another message, and the alarm watches its lease.
    if (state.status === "in_progress") return reply(state, { kind: "leased" });
    const error = { code: "attempts_exhausted" as const, message: "The queue gave up delivering the job." };
    return reply(endJob(state.job, { status: "failed", error }, now), { kind: "closed" });
  },

  cancel(state, { tenant }, now) {
    if (state.status === "absent" || state.job.facts.tenant !== tenant)
      return reply(state, { kind: "absent" });
    if (isEnded(state)) return reply(state, { kind: "terminal" });
    if (state.status === "queued") {
      const canceled = endJob(state.job, { status: "canceled" }, now);
      return reply(canceled, { kind: "canceled", seat: seatOf(state) });
    }
    if (state.cancelRequestedAt !== null) return reply(state, { kind: "canceling" });
    const job = note(state.job, { at: now, type: "job.canceling" });
    return reply({ ...state, job, cancelRequestedAt: now }, { kind: "canceling" });
  },

  remove(state, { tenant }) {
    if (state.status === "absent" || state.job.facts.tenant !== tenant)
      return reply(state, { kind: "absent" });
    return isEnded(state)
      ? reply({ status: "absent" }, { kind: "removed" })
      : reply(state, { kind: "not_terminal" });
  },

  read(state, { tenant }) {
    const found = state.status !== "absent" && state.job.facts.tenant === tenant;
    return reply(state, { kind: found ? "found" : "absent" });
  },

  notice: (state) => reply(state, undefined),

  reportNotice(state, { delivery, report }, now) {
    if (!isEnded(state) || state.notice?.status !== "pending") return reply(state, { kind: "none" });
    const { createdAt, attempt } = delivery;
    // The same delivery may be made twice: its failure counts once, and its success whenever it is reported.
    const told = report.kind === "failed" && attempt !== state.notice.attempt;
    if (told || createdAt !== state.endedAt) return reply(state, { kind: "none" });
    const conclude = (notice: Notice, effects: readonly Effect[] = []) =>
      reply({ ...state, notice }, { kind: "recorded" as const }, effects);
    if (report.kind !== "failed") return conclude({ status: report.kind });
    if (report.retryAfterMs === null) return conclude({ status: "given_up" });
    const waitMs = Math.min(Math.max(0, report.retryAfterMs), MAX_DELAY_MS);
    const again: Effect = { kind: "notify", delaySeconds: toDelaySeconds(waitMs) };
    return conclude(awaitReport(state.notice.attempt + 1, now + waitMs), [again]);
  },

  alarm: (state) => reply(state, undefined),
};

/** A repeat of the same request finds its job, in whatever state; another request under the key is refused. */
function meet(
  state: Exclude<JobState, { status: "absent" }>,
  { tenant, fingerprint }: Submission,
): Transition<{ kind: "existing"; seat?: Seat | undefined } | { kind: "reused" }> {
  const { facts } = state.job;
  const same = facts.tenant === tenant && facts.fingerprint === fingerprint;
  return reply(state, same ? { kind: "existing", seat: unusedSeatOf(state) } : { kind: "reused" });
}

/** Whether a run is of an earlier job, which was deleted and whose key was used again. */
const isOther = (state: JobState, createdAt: number | undefined): boolean =>
  createdAt !== undefined && state.status !== "absent" && state.job.createdAt !== createdAt;

const refusal = (state: JobState) => ({
  kind: "refused" as const,
  why:
    state.status === "absent"
      ? ("absent" as const)
      : isEnded(state)
        ? ("terminal" as const)
        : ("lease_lost" as const),
});

const record = (state: ReturnType<typeof endJob>, effects: readonly Effect[] = []) =>
  reply(state, { kind: "recorded" as const, status: state.status }, effects);

/** Tells the queue once more of a job whose message has come a little early. */
const again = ({ notBefore }: QueuedJob, now: number): readonly Effect[] =>
  isEarly(notBefore, now) ? [{ kind: "send", delaySeconds: toDelaySeconds(notBefore - now) }] : [];

/** Adds a failed run; one that made no call counts as none. */
function addFailure(job: Job, run: FailedRun): Job {
  const added = addRun(job, run);
  return run.postponed === true ? { ...added, postponed: added.postponed + 1 } : added;
}

const late = (last: JobError): JobError => ({
  code: "deadline_exceeded",
  message: `The next attempt would be past complete_within; the last: ${last.message}`.slice(0, 2000),
});

const exhausted = (job: Job, last: JobError): JobError | undefined =>
  hasNoRunLeft(job)
    ? { code: "attempts_exhausted", message: `All attempts failed; the last: ${last.message}`.slice(0, 2000) }
    : undefined;

const tooLarge = (sizeBytes: number): JobError => ({
  code: "output_too_large",
  message: `The answer has ${sizeBytes} bytes; a job keeps at most ${MAX_OUTPUT_BYTES}.`,
});
