import * as z from "zod/mini";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { TASKS } from "../requests.ts";
import { usageSchema } from "../responses.ts";

/** Durable requests as they cross the wire. Times are RFC 3339 outwards, and seconds where clients set them. */

/** `awaiting_review` is reserved: no job reaches it yet. */
export const JOB_STATUSES = [
  "queued",
  "in_progress",
  "awaiting_review",
  "succeeded",
  "failed",
  "canceled",
  "expired",
] as const;

/** The wire form of a job's id: 32 bytes in base64url. */
export const JOB_ID = /^job_[A-Za-z0-9_-]{43}$/;

/** What only a job can end with; a synchronous call has the rest of its codes in common with it. */
const JOB_ERROR_CODES = ["attempts_exhausted", "outcome_unknown", "output_too_large", "rejected"] as const;
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const jobErrorSchema = z.object({
  code: z.enum([...ERROR_CODES, ...JOB_ERROR_CODES]),
  /** Public words, as in every error body. */
  message: z.string().check(z.maxLength(2000)),
});

const label = z.string().check(z.minLength(1), z.maxLength(64));
/** The client's own labels: at most 16 pairs. */
export const jobMetadata = z
  .record(label, z.string().check(z.maxLength(512)))
  .check(z.refine((pairs) => Object.keys(pairs).length <= 16, "use at most 16 pairs"));

/**
 * `interactive` goes by itself at once; the others share calls where their route has `jobs.window`, and wait
 * there for company.
 */
export const jobPriority = z.enum(["interactive", "normal", "economy"]);

const seconds = (minimum: number, maximum: number) => z.int().check(z.minimum(minimum), z.maximum(maximum));
const WEEK = 604_800;

/** What a webhook can be told: how the job ended. */
export const WEBHOOK_EVENTS = ["job.succeeded", "job.failed", "job.canceled", "job.expired"] as const;

/** Whom to tell of a job's end; what the URL may be is decided where the config is known. */
const webhook = z.strictObject({
  url: z.string().check(z.minLength(1), z.maxLength(2048)),
  events: z._default(z.array(z.enum(WEBHOOK_EVENTS)).check(z.minLength(1), z.maxLength(4)), [
    ...WEBHOOK_EVENTS,
  ]),
});

/** The body of `POST /v1/jobs`. `input` is checked against its task's own schema afterwards. */
export const createJobRequest = z.strictObject({
  task: z.enum(TASKS),
  input: z.looseObject({ model: z.string().check(z.minLength(1), z.maxLength(256)) }),
  priority: z._default(jobPriority, "normal"),
  /** A job nobody has started by then expires. */
  start_within: z.optional(seconds(1, WEEK)),
  /** A job without an outcome by then has failed, so that none hangs. */
  complete_within: z._default(seconds(1, WEEK), 86_400),
  /** How long the job and its output can be read after its end. */
  retain_for: z._default(seconds(60, 2_592_000), 86_400),
  metadata: z._default(jobMetadata, {}),
  webhook: z.optional(webhook),
});

const time = z.string();
const maybe = <T extends z.core.SomeType>(schema: T) => z.nullable(schema);

/** The job itself, as every path under `/v1/jobs` shows it. */
export const jobDocument = z.object({
  id: z.string().check(z.regex(JOB_ID)),
  object: z.literal("job"),
  task: z.enum(TASKS),
  status: z.enum(JOB_STATUSES),
  model: z.string(),
  created_at: time,
  started_at: maybe(time),
  ended_at: maybe(time),
  /** When the job is forgotten; before its end, the latest that can be. */
  expires_at: time,
  attempts: z.array(
    z.object({
      n: z.int(),
      /** Null where the run that made the attempt never reported back. */
      target: maybe(z.string()),
      started_at: time,
      ended_at: time,
      /** The provider's HTTP status, where it gave one. */
      status: maybe(z.int()),
      error: maybe(z.string()),
    }),
  ),
  /** Null after the end. */
  progress: maybe(
    z.object({
      phase: z.enum(["queued", "gathering", "running", "retrying", "canceling"]),
      position: maybe(z.int()),
    }),
  ),
  /** The answer's body, for answers that are JSON; others are at `urls.output`. */
  output: z.unknown(),
  error: maybe(jobErrorSchema),
  usage: maybe(usageSchema),
  /** Of all attempts together, in USD; null where nobody knows. */
  cost_usd: maybe(z.number()),
  cache: maybe(z.enum(["hit", "miss"])),
  window: maybe(z.object({ id: z.string(), size: z.int() })),
  retry_of: maybe(z.string()),
  metadata: jobMetadata,
  urls: z.object({ self: z.string(), events: z.string(), output: z.string(), cancel: z.string() }),
});

/** A job as lists show it: without what is long, and what changes while it runs. */
export const jobSummary = z.omit(jobDocument, {
  attempts: true,
  progress: true,
  output: true,
  window: true,
  urls: true,
});

/** One page of a tenant's jobs, newest first; `next` is the `after` of the page that follows. */
export const jobList = z.object({
  object: z.literal("list"),
  data: z.array(jobSummary),
  has_more: z.boolean(),
  next: maybe(z.string()),
});

/** As many as one delivery runs at once; the platform's limit, 128 KB, is far. */
export const MAX_JOBS_A_MESSAGE = 32;
/**
 * What a queue carries: ids only, for a message is delivered at least once. Jobs that are to be run, or the
 * id of a window's object that has a batch of them.
 */
export const jobMessage = z.union([
  z.strictObject({
    v: z.literal(1),
    jobs: z.array(z.string().check(z.regex(JOB_ID))).check(z.minLength(1), z.maxLength(MAX_JOBS_A_MESSAGE)),
  }),
  z.strictObject({ v: z.literal(1), window: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
]);

/** As clients write it: what has a default may be left out. */
export type JobRequest = z.input<typeof createJobRequest>;
export type CreateJob = z.output<typeof createJobRequest>;
export type JobStatus = (typeof JOB_STATUSES)[number];
export type JobError = z.infer<typeof jobErrorSchema>;
export type JobDocument = z.infer<typeof jobDocument>;
export type JobSummary = z.infer<typeof jobSummary>;
export type JobList = z.infer<typeof jobList>;
export type JobMessage = z.infer<typeof jobMessage>;
