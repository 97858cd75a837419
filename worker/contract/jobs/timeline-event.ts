import * as z from "zod/mini";

const count = z.int().check(z.nonnegative());

/** An entry of a job's timeline, as it is stored. Times are milliseconds since the epoch. */
export const timelineEvent = z.object({
  /** Raised by one with each entry; subscribers resume after the last they have seen. */
  seq: count,
  at: z.number(),
  type: z.string(),
  /** Of `job.started`: which run. */
  epoch: z.optional(count),
  /** Of `job.retrying`: not before then. */
  retryAt: z.optional(z.number()),
  /** The code of what went wrong. */
  error: z.optional(z.string()),
});

export type TimelineEvent = z.infer<typeof timelineEvent>;
