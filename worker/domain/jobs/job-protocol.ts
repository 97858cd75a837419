import type { JobDocument } from "../../contract/jobs/job-document.ts";
import type { JobError } from "../../contract/jobs/job-error.ts";
import type { JobFacts } from "../../contract/jobs/job-facts.ts";
import type { JobStatus } from "../../contract/jobs/job-status.ts";
import type { RunReport } from "../../contract/jobs/run-report.ts";
import type { DeliveryRef, NoticeReply, NoticeReport } from "../webhooks/job-notice.ts";

/**
 * What the Worker and a job's object say to each other. Times are milliseconds since the epoch. Every
 * reply is a value: an error that is thrown across RPC loses all but its message.
 */

export interface Submission extends JobFacts {
  /** The inference body: JSON text as UTF-8. */
  readonly request: Uint8Array;
}

/**
 * Which of two jobs a run is of: one that is removed and submitted again under its key has the same id and
 * counts its runs anew, and is told from the other by when it was accepted.
 */
export interface JobLife {
  readonly createdAt: number;
}

/**
 * A job's seat in a window: the job waits there, and is run with others. The window, which has an object of
 * its own, counts the job's runs and reports them. A job that is submitted anew needs another seat.
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

/** An answer, and how it came about. */
export interface JobAnswer extends RunReport {
  readonly contentType: string;
  readonly output: Uint8Array;
  readonly cache: "hit" | "miss";
}

/** A run that ended without an answer. */
export interface FailedRun extends RunReport {
  readonly error: JobError;
  readonly retryable: boolean;
  /** How long to wait before the next run: jitter and Retry-After are the caller's sum. */
  readonly retryAfterMs: number;
}

/** The right to run a job until a time; of all epochs only the newest counts. */
export interface Lease extends JobLife {
  readonly epoch: number;
  readonly leaseUntil: number;
  /** Nothing is started that cannot end by then. */
  readonly completeBy: number;
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
    /** Somebody runs it, or it is not due: acknowledge the message, the object's alarm sees to the rest. */
    | { readonly kind: "wait"; readonly until: number }
    | { readonly kind: "terminal"; readonly status: JobStatus }
    | { readonly kind: "absent" };
  extend:
    /** `canceling`: nobody wants the answer any more; the run may stop. */
    | { readonly kind: "extended"; readonly leaseUntil: number; readonly canceling: boolean }
    | { readonly kind: "refused"; readonly why: RefusedBecause };
  complete:
    /** The outcome stands, though not always as success: canceled meanwhile, or an answer too large. */
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

/** A job as a caller sees it: the document without its output, and the output's bytes where asked for. */
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

/** What the runner of a streamed job learns when it hands chunks to the job's object. */
export type AppendReply =
  /** How many of the run's chunks the object has; fewer than were sent where it has lost its memory. */
  | { readonly kind: "kept"; readonly have: number; readonly watchers: number }
  /** The live view ends here: who watches gets the rest when the job has ended. */
  | { readonly kind: "full" }
  /** The lease is lost, or nobody wants the answer any more. */
  | { readonly kind: "refused" };

/** A job's object, as the Worker calls it. `tenant` is the caller's: another's job is absent. */
export interface JobPort {
  /** With a seat the job is run by its window, and sets no alarm to be sent again. */
  submit(submission: Submission, seat?: NewSeat): Promise<Viewed<JobReplies["submit"]>>;
  submitAndClaim(submission: Submission, leaseMs: number): Promise<Viewed<JobReplies["submitAndClaim"]>>;
  claim(leaseMs: number): Promise<ClaimReply>;
  extend(epoch: number, leaseMs: number, life?: JobLife): Promise<JobReplies["extend"]>;
  /** `of`: which job the run was of; with a seat the report is its window's. */
  complete(epoch: number, answer: JobAnswer, of?: JobLife | Seat): Promise<JobReplies["complete"]>;
  failAttempt(epoch: number, run: FailedRun, of?: JobLife | Seat): Promise<JobReplies["failAttempt"]>;
  /** Reports a run of a window that began at `startedAt` and never reported itself. */
  loseRun(epoch: number, startedAt: number, seat: Seat): Promise<JobReplies["loseRun"]>;
  /** Takes the job from its window: it is to be run by itself, and its message is the caller's to send. */
  release(): Promise<JobReplies["release"]>;
  deadLetter(): Promise<JobReplies["deadLetter"]>;
  cancel(tenant: string): Promise<JobReplies["cancel"]>;
  remove(tenant: string): Promise<JobReplies["remove"]>;
  read(tenant: string, withOutput: boolean): Promise<JobView>;
  /** What an ended job was asked, so that it can be asked again. */
  copy(tenant: string): Promise<JobCopy>;
  /** Shows chunks of a run's answer to those who follow the job; `from` of them were sent before. */
  append(epoch: number, from: number, chunks: readonly string[]): Promise<AppendReply>;
  /** What the job's webhook is to be told; asking changes nothing, so two may deliver the same. */
  notice(): Promise<NoticeReply>;
  reportNotice(delivery: DeliveryRef, report: NoticeReport): Promise<JobReplies["reportNotice"]>;
}

/** Of a job that is not the caller's to run: how it is, so that nobody need ask again. */
export type Viewed<R> = R extends { readonly kind: "created" | "existing" }
  ? R & { readonly view: FoundJob }
  : R;

/** A claim with what is to be run: the inference body as it was submitted. */
export type ClaimReply =
  | (Extract<JobReplies["claim"], { kind: "claimed" }> & { readonly request: Uint8Array })
  | Exclude<JobReplies["claim"], { kind: "claimed" }>;
