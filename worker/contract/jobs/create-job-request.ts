import * as z from "zod/mini";
import { priority } from "../priority.ts";
import { TASKS } from "../requests.ts";
import { END_EVENTS } from "./job-event.ts";
import { jobMetadata } from "./job-metadata.ts";

const seconds = (minimum: number, maximum: number) => z.int().check(z.minimum(minimum), z.maximum(maximum));
const WEEK = 604_800;

/** Where a job's end is reported; the URL is checked later, where the config is known. */
const webhook = z.strictObject({
  url: z.string().check(z.minLength(1), z.maxLength(2048)),
  events: z._default(z.array(z.enum(END_EVENTS)).check(z.minLength(1), z.maxLength(4)), [...END_EVENTS]),
});

/** The body of `POST /v1/jobs`. `input` is checked against its task's own schema afterwards. */
export const createJobRequest = z.strictObject({
  task: z.enum(TASKS),
  input: z.looseObject({ model: z.optional(z.string().check(z.minLength(1), z.maxLength(256))) }),
  /**
   * `interactive` jobs are run by themselves at once; others share calls where their route has `jobs.window`, and
   * wait there for each other. Where it is left out, the route says.
   */
  priority: z.optional(priority),
  /** A job that has not been started by then expires. */
  start_within: z.optional(seconds(1, WEEK)),
  /** A job without an outcome by then fails, so that none stays open for ever. A day, where it is left out. */
  complete_within: z.optional(seconds(1, WEEK)),
  /** How long the job and its output can be read after its end. */
  retain_for: z._default(seconds(60, 2_592_000), 86_400),
  metadata: z._default(jobMetadata, {}),
  webhook: z.optional(webhook),
});

/** As clients write it: what has a default may be left out. */
export type JobRequest = z.input<typeof createJobRequest>;
export type CreateJob = z.output<typeof createJobRequest>;
