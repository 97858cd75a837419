import * as z from "zod/mini";
import { jobErrorSchema, jobPriority } from "../../worker/contract/jobs/job.ts";
import { TASKS } from "../../worker/contract/requests.ts";
import type { Usage } from "../../worker/contract/responses.ts";

/**
 * What a job's object holds, as it is stored. Times are milliseconds since the epoch. Bounds were checked
 * at the door and are not looked at again: a row that was written must be one that can be read.
 */
const time = z.number();
const count = z.int().check(z.nonnegative());
const maybe = <T extends z.core.SomeType>(schema: T) => z.nullable(schema);

const factsSchema = z.object({
  tenant: z.string(),
  keyId: z._default(z.string(), ""),
  release: z._default(z.string(), ""),
  task: z.enum(TASKS),
  model: z.string(),
  fingerprint: z.string(),
  priority: jobPriority,
  policy: z.object({
    maxAttempts: count,
    startWithinMs: maybe(count),
    completeWithinMs: count,
    retainMs: count,
    onUnknownOutcome: z.enum(["repeat", "fail"]),
  }),
  metadata: z.record(z.string(), z.string()),
  webhook: maybe(z.object({ url: z.string(), events: z.array(z.string()) })),
  retryOf: maybe(z.string()),
  cacheControl: maybe(z.string()),
  traceparent: maybe(z.string()),
});

const attemptSchema = z.object({
  target: maybe(z.string()),
  startedAt: time,
  endedAt: time,
  status: maybe(z.int()),
  error: maybe(z.string()),
});

const timelineEventSchema = z.object({
  seq: count,
  at: time,
  type: z.string(),
  epoch: z.optional(count),
  retryAt: z.optional(time),
  error: z.optional(z.string()),
});

/** What every accepted job has, in whatever state. */
const jobSchema = z.object({
  facts: factsSchema,
  createdAt: time,
  startBy: maybe(time),
  completeBy: time,
  /** The first claim's time. */
  startedAt: maybe(time),
  /** How many times the job has been claimed: the newest lease's epoch. */
  epoch: count,
  attempts: z.array(attemptSchema),
  timeline: z.array(timelineEventSchema),
  usage: maybe(z.custom<Usage>((value) => typeof value === "object" && value !== null)),
  costUsd: maybe(z.custom<number>((value) => typeof value === "number")),
  /** The last call that was shared with other jobs or requests. */
  window: z.optional(z.object({ id: z.string(), size: count })),
});

/** What a job's webhook has yet to be told, or what became of it. */
const noticeSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("pending"),
    /** The delivery that is to come: 1 is the first. */
    attempt: count,
    /** When to send again, should nobody have reported by then. */
    resendAt: time,
    resends: count,
  }),
  z.object({ status: z.enum(["delivered", "disabled", "given_up"]) }),
]);

/** `notice` is null where nobody asked to be told of such an end. */
const ended = { job: jobSchema, endedAt: time, notice: maybe(noticeSchema) };

/** Each state carries only its own data. `absent` is a job nobody has submitted, or one forgotten. */
export const jobStateSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("absent") }),
  z.object({
    status: z.literal("queued"),
    job: jobSchema,
    /** No run before then. */
    notBefore: time,
    /** When to send again, should nobody have claimed the job by then. */
    resendAt: time,
    resends: count,
    /** The window that runs the job, by the id of its object; who asks after `resendAt` finds it lost. */
    batching: z.optional(z.string()),
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
export type EndedJob = StateOf<"succeeded" | "failed" | "canceled" | "expired">;

/** Whether the outcome is known; it never changes afterwards. */
export const isEnded = (state: JobState): state is EndedJob =>
  state.status === "succeeded" ||
  state.status === "failed" ||
  state.status === "canceled" ||
  state.status === "expired";
