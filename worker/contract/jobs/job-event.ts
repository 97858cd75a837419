import * as z from "zod/mini";
import { JOB_ID } from "./job-id.ts";
import { ENDED_STATUSES } from "./job-status.ts";

/** The events of a job's end, for its subscribers and its webhook. */
export const END_EVENTS = ENDED_STATUSES.map((status) => `job.${status}` as const);

/** What can happen to a job. */
export const JOB_EVENT_TYPES = [
  "job.queued",
  "job.started",
  "job.output",
  "job.retrying",
  "job.canceling",
  ...END_EVENTS,
] as const;

/** The form of an event's id: the number of its timeline entry, and 0 or the number of the chunk behind it. */
export const JOB_EVENT_ID = /^\d+-\d+$/;

/** One event of `GET /v1/jobs/{id}/events`: the data of a server-sent event, or a WebSocket's message. */
export const jobEvent = z.object({
  id: z.string().check(z.regex(JOB_EVENT_ID)),
  type: z.enum(JOB_EVENT_TYPES),
  job: z.string().check(z.regex(JOB_ID)),
  /** RFC 3339; chunks have none, so that they are the same whenever they are read. */
  at: z.optional(z.string()),
  /** The run, in `job.started`. With it the stream of the answer begins anew. */
  run: z.optional(z.int()),
  /** In `job.retrying`: when the next run may begin. */
  retry_at: z.optional(z.string()),
  /** The code of what went wrong. */
  error: z.optional(z.string()),
  /** In `job.output`: one chunk of the stream, as the provider sent it. */
  output: z.optional(z.unknown()),
});

export type JobEvent = z.infer<typeof jobEvent>;
