import type { JobDocument } from "../../contract/jobs/job-document.ts";
import type { JobError } from "../../contract/jobs/job-error.ts";
import type { JobFacts } from "../../contract/jobs/job-facts.ts";
import type { JobStatus } from "../../contract/jobs/job-status.ts";
import type { RunReport } from "../../contract/jobs/run-report.ts";
import type { DeliveryRef, NoticeReply, NoticeReport } from "../webhooks/job-notice.ts";

/**
 * The calls of a job's object and their replies. Times are milliseconds since the epoch. Every reply is a
 * value: an error that is thrown across RPC loses everything but its message.
 */

export interface Submission extends JobFacts {
  /** The inference body: JSON text as UTF-8. */
  readonly request: Uint8Array;
}

/**
 * Tells two jobs of the same id apart by when they were accepted: a job that is deleted and submitted again
 * under its key has the same id, and its runs are numbered from 1 again.
 */
export interface JobLife {
  readonly createdAt: number;
}

/**
 * A job's seat in a window: the job waits there, and is run with others. The window has an object of its own,
 * which numbers the job's runs and reports them. A job that is submitted anew needs another seat.
 */
export interface Seat extends JobLife {
  /** The id of the window's object. */
  readonly window: string;
}

/** A seat that a job is to have from its acceptance on. */
export interface NewSeat extends Pick<Seat, "window"> {
  /** How long a job waits in that window for others, at most. */
  readonly maxDelayMs: number;
}

/** An answer, and how it was made. */
export interface JobAnswer extends RunReport {
  readonly contentType: string;
  readonly output: Uint8Array;
  readonly cache: "hit" | "miss";
}

/** A run that ended without an answer. */
export interface FailedRun extends RunReport {
  readonly error: JobError;
  readonly retryable: boolean;
  /** How long to wait before the next run, as the retry's rule gives it. */
  readonly retryAfterMs: number;
  /** The run made no call, for its targets are paused: it is no failure of the job, and counts as no attempt. */
  readonly postponed?: boolean | undefined;
}

/** The right to run a job until a time; of all epochs only the newest counts. */
export interface Lease extends JobLife {
  readonly epoch: number;
  /** How many runs the job has had, this one included, without those that were postponed. */
  readonly tries: number;
  readonly leaseUntil: number;
  /** Nothing is started that cannot end by then. */
  readonly completeBy: number;
  /** The target whose answer broke off in the run before: this one begins with the target after it. */
  readonly brokeAt?: string | undefined;
}

export interface JobReplies {
  submit:
    | {
        readonly kind: "created" | "existing";
        /** Where the job waits, as long as its window has not run it. */
        readonly seat?: Seat | undefined;
      }
    /** The key belongs to another request: 422. */
    | { readonly kind: "reused" };
  submitAndClaim:
    | { readonly kind: "claimed"; readonly lease: Lease }
    | { readonly kind: "existing" }
    | { readonly kind: "reused" };
  claim:
    | { readonly kind: "claimed"; readonly lease: Lease; readonly facts: JobFacts }
    /**
     * It is being run, or is not due: acknowledge the message, the object's alarm sends another when it is
     * needed.
     */
    | { readonly kind: "wait"; readonly until: number }
    | { readonly kind: "terminal"; readonly status: JobStatus }
    | { readonly kind: "absent" };
  extend:
    /** `canceling`: the job is being canceled, so the run may stop. */
    | { readonly kind: "extended"; readonly leaseUntil: number; readonly canceling: boolean }
    | { readonly kind: "refused"; readonly why: RefusedBecause };
  complete:
    /** The job has its outcome, which may not be success: canceled meanwhile, or an answer too large. */
    | { readonly kind: "recorded"; readonly status: JobStatus }
    | { readonly kind: "refused"; readonly why: RefusedBecause };
  failAttempt:
    | { readonly kind: "retry"; readonly retryAt: number }
    | { readonly kind: "recorded"; readonly status: JobStatus }
    | { readonly kind: "refused"; readonly why: RefusedBecause };
  loseRun:
    | { readonly kind: "retry" }
    | { readonly kind: "recorded"; readonly status: JobStatus }
    | { readonly kind: "refused"; readonly why: RefusedBecause };
  /** `none`: no window answers for the job. */
  release: { readonly kind: "released" | "none" };
  deadLetter: { readonly kind: "closed" | "terminal" | "leased" | "absent" };
  cancel: {
    readonly kind: "canceled" | "canceling" | "terminal" | "absent";
    /** Where the job waited: its window need not run it any more. */
    readonly seat?: Seat | undefined;
  };
  remove: { readonly kind: "removed" | "not_terminal" | "absent" };
  read: { readonly kind: "found" | "absent" };
  notice: undefined;
  reportNotice: { readonly kind: "recorded" | "none" };
  alarm: undefined;
}

/** An old lease, a job that has its outcome, or none at all. */
export type RefusedBecause = "lease_lost" | "terminal" | "absent";

/** A job for a caller: the document without its output, and the output's bytes where they were asked for. */
export type JobView = FoundJob | { readonly kind: "absent" };

export interface FoundJob {
  readonly kind: "found";
  readonly document: JobDocument;
  readonly output: { readonly contentType: string; readonly bytes: Uint8Array } | null;
}

export type JobCopy =
  | { readonly kind: "found"; readonly facts: JobFacts; readonly request: Uint8Array }
  | { readonly kind: "not_terminal" }
  | { readonly kind: "absent" };

/** The reply to a run that sends chunks of its streamed answer to the job's object. */
export type AppendReply =
  /** How many of the run's chunks the object has; fewer than were sent where it has lost its memory. */
  | { readonly kind: "kept"; readonly have: number; readonly watchers: number }
  /** The object keeps no more chunks: subscribers get the rest when the job has ended. */
  | { readonly kind: "full" }
  /** The lease is lost, or the job is being canceled. */
  | { readonly kind: "refused" };

/** A job's object, as the Worker calls it. `tenant` is the caller's; to other tenants the job is absent. */
export interface JobPort {
  /** With a seat the job is run by its window, and its alarm is not set for a resend. */
  submit(submission: Submission, seat?: NewSeat): Promise<Viewed<JobReplies["submit"]>>;
  submitAndClaim(submission: Submission, leaseMs: number): Promise<Viewed<JobReplies["submitAndClaim"]>>;
  claim(leaseMs: number): Promise<ClaimReply>;
  extend(epoch: number, leaseMs: number, life?: JobLife): Promise<JobReplies["extend"]>;
  /** `of`: which job the run was of; with a seat the report is its window's. */
  complete(epoch: number, answer: JobAnswer, of?: JobLife | Seat): Promise<JobReplies["complete"]>;
  failAttempt(epoch: number, run: FailedRun, of?: JobLife | Seat): Promise<JobReplies["failAttempt"]>;
  /** Reports a run of a window that began at `startedAt` and never reported itself. */
  loseRun(epoch: number, startedAt: number, seat: Seat): Promise<JobReplies["loseRun"]>;
  /** Takes the job from its window. It is to be run by itself, and the caller has to send its message. */
  release(): Promise<JobReplies["release"]>;
  deadLetter(): Promise<JobReplies["deadLetter"]>;
  cancel(tenant: string): Promise<JobReplies["cancel"]>;
  remove(tenant: string): Promise<JobReplies["remove"]>;
  read(tenant: string, withOutput: boolean): Promise<JobView>;
  /** The request of an ended job, so that it can be submitted again. */
  copy(tenant: string): Promise<JobCopy>;
  /** Passes chunks of a run's answer on to subscribers; `from` chunks were sent before. */
  append(epoch: number, from: number, chunks: readonly string[]): Promise<AppendReply>;
  /** The notice for the job's webhook. Reading it changes nothing, so it may be delivered twice. */
  notice(): Promise<NoticeReply>;
  reportNotice(delivery: DeliveryRef, report: NoticeReport): Promise<JobReplies["reportNotice"]>;
}

/**
 * A reply that also has the job as it is, where the caller is not to run it, so that it need not be read
 * again.
 */
export type Viewed<R> = R extends { readonly kind: "created" | "existing" }
  ? R & { readonly view: FoundJob }
  : R;

/** A claim with what is to be run: the inference body as it was submitted. */
export type ClaimReply =
  | (Extract<JobReplies["claim"], { kind: "claimed" }> & { readonly request: Uint8Array })
  | Exclude<JobReplies["claim"], { kind: "claimed" }>;
