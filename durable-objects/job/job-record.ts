import * as z from "zod/mini";
import { jobErrorSchema } from "../../worker/contract/jobs/job-error.ts";
import { jobFacts } from "../../worker/contract/jobs/job-facts.ts";
import type { EndedStatus } from "../../worker/contract/jobs/job-status.ts";
import { runReport } from "../../worker/contract/jobs/run-report.ts";
import { timelineEvent } from "../../worker/contract/jobs/timeline-event.ts";

/**
 * What a job's object holds, as it is stored. Times are milliseconds since the epoch. Bounds were checked
 * at the door and are not looked at again: a row that was written must be one that can be read.
 */
const time = z.number();
const count = z.int().check(z.nonnegative());
const maybe = <T extends z.core.SomeType>(schema: T) => z.nullable(schema);

/** What every accepted job has, in whatever state; its report is that of all its runs together. */
const jobSchema = z.object({
  facts: jobFacts,
  createdAt: time,
  startBy: maybe(time),
  completeBy: time,
  /** The first claim's time. */
  startedAt: maybe(time),
  /** How many times the job has been claimed: the newest lease's epoch. */
  epoch: count,
  /** How many of its runs were put back without a call: they count as no attempts. */
  postponed: count,
  /** How many of its attempts, the oldest, are no longer in the report. */
  attemptsLeftOut: count,
  ...runReport.shape,
  timeline: z.array(timelineEvent),
});

/** The notice for a job's webhook: still to be delivered, or how that ended. */
const noticeSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("pending"),
    /** The number of the next delivery: 1 is the first. */
    attempt: count,
    /** When to send the message again, if no delivery is reported by then. */
    resendAt: time,
    resends: count,
  }),
  z.object({ status: z.enum(["delivered", "disabled", "given_up"]) }),
]);

/** `notice` is null where the job has no webhook for such an end. */
const ended = { job: jobSchema, endedAt: time, notice: maybe(noticeSchema) };

/** Each state has only its own data. `absent`: never submitted, or deleted. */
export const jobStateSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("absent") }),
  z.object({
    status: z.literal("queued"),
    job: jobSchema,
    /** No run before then. */
    notBefore: time,
    /** When to send the message again, if the job is not claimed by then. */
    resendAt: time,
    resends: count,
    /** Where the job waits, as long as its window is to run it: until `resendAt` at most. */
    seat: z.optional(z.object({ window: z.string() })),
  }),
  z.object({
    status: z.literal("in_progress"),
    job: jobSchema,
    leasedAt: time,
    leaseUntil: time,
    cancelRequestedAt: maybe(time),
  }),
  z.object({
    status: z.literal("succeeded"),
    ...ended,
    output: z.object({ contentType: z.string(), sizeBytes: count }),
    cache: z.enum(["hit", "miss"]),
  }),
  z.object({ status: z.literal("failed"), ...ended, error: jobErrorSchema }),
  z.object({ status: z.literal("canceled"), ...ended }),
  z.object({ status: z.literal("expired"), ...ended, error: jobErrorSchema }),
]);

export type JobState = z.infer<typeof jobStateSchema>;
export type Job = z.infer<typeof jobSchema>;
export type Notice = z.infer<typeof noticeSchema>;
export type PendingNotice = Extract<Notice, { status: "pending" }>;
type StateOf<S extends JobState["status"]> = Extract<JobState, { status: S }>;
export type QueuedJob = StateOf<"queued">;
export type RunningJob = StateOf<"in_progress">;
export type EndedJob = StateOf<EndedStatus>;
