import * as z from "zod/mini";

const count = z.int().check(z.nonnegative());

/** An entry of a job's timeline, as it is stored. Times are milliseconds since the epoch. */
export const timelineEvent = z.object({
  /** One higher with each entry; subscribers resume after the last one they got. */
  seq: count,
  at: z.number(),
  type: z.string(),
  /** The run, in `job.started`. */
  epoch: z.optional(count),
  /** In `job.retrying`: the next run does not begin before then. */
  retryAt: z.optional(z.number()),
  /** The code of what went wrong. */
  error: z.optional(z.string()),
});

export type TimelineEvent = z.infer<typeof timelineEvent>;
