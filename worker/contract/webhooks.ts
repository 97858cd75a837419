import * as z from "zod/mini";
import { jobErrorSchema } from "./jobs/job-error.ts";
import { END_EVENTS } from "./jobs/job-event.ts";
import { JOB_ID } from "./jobs/job-id.ts";
import { jobMetadata } from "./jobs/job-metadata.ts";
import { JOB_STATUSES } from "./jobs/job-status.ts";
import { TASKS } from "./requests.ts";

/**
 * The notice that is sent to a job's webhook. It is short: the receiver can read the job for everything else.
 */
export const webhookPayload = z.object({
  type: z.enum(END_EVENTS),
  /** When it happened, not when it is delivered. */
  timestamp: z.string(),
  data: z.object({
    id: z.string().check(z.regex(JOB_ID)),
    status: z.enum(JOB_STATUSES),
    task: z.enum(TASKS),
    model: z.string(),
    /** Null where it is too large for a notice; the job has it. */
    metadata: z.nullable(jobMetadata),
    created_at: z.string(),
    ended_at: z.string(),
    /** The code of what went wrong. */
    error: z.nullable(jobErrorSchema.shape.code),
  }),
});

/** The caller's own signing secrets, newest first: two while the deployment's secret rotates. */
export const webhookSecretList = z.object({
  object: z.literal("list"),
  data: z.array(z.object({ secret: z.string().check(z.regex(/^whsec_/)) })),
});

/**
 * A message of the webhooks' queue. It has only the id: the job's object has the notice, if one is still due.
 */
export const noticeMessage = z.strictObject({ v: z.literal(1), job: z.string().check(z.regex(JOB_ID)) });

export type WebhookPayload = z.infer<typeof webhookPayload>;
export type WebhookSecretList = z.infer<typeof webhookSecretList>;
export type NoticeMessage = z.infer<typeof noticeMessage>;
