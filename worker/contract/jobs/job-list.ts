import * as z from "zod/mini";
import { jobDocument } from "./job-document.ts";

/** A job as lists show it: without what is long, and what changes while it runs. */
const jobSummary = z.omit(jobDocument, {
  attempts: true,
  progress: true,
  next_attempt_at: true,
  output: true,
  window: true,
  urls: true,
});

/** One page of a tenant's jobs, newest first; `next` is the `after` of the page that follows. */
export const jobList = z.object({
  object: z.literal("list"),
  data: z.array(jobSummary),
  has_more: z.boolean(),
  next: z.nullable(z.string()),
});

export type JobSummary = z.infer<typeof jobSummary>;
export type JobList = z.infer<typeof jobList>;
