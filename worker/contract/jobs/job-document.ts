import * as z from "zod/mini";
import { TASKS } from "../requests.ts";
import { usageSchema } from "../responses.ts";
import { jobErrorSchema } from "./job-error.ts";
import { JOB_ID } from "./job-id.ts";
import { jobMetadata } from "./job-metadata.ts";
import { JOB_STATUSES } from "./job-status.ts";

/** RFC 3339. */
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
  /** When the job is deleted; before its end, the latest time at which that can be. */
  expires_at: time,
  /** At most 256, the newest. */
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
  /** When the next run may begin, while the job waits after one; else null. */
  next_attempt_at: maybe(time),
  /** The answer's body, for answers that are JSON; others are at `urls.output`. */
  output: z.unknown(),
  error: maybe(jobErrorSchema),
  usage: maybe(usageSchema),
  /** The cost of all attempts together, in USD; null where it is unknown. */
  cost_usd: maybe(z.number()),
  /** How much less than the first target for interactive work, where an economy job went to a cheaper one. */
  saved_usd: maybe(z.number()),
  cache: maybe(z.enum(["hit", "miss"])),
  window: maybe(z.object({ id: z.string(), size: z.int() })),
  retry_of: maybe(z.string()),
  metadata: jobMetadata,
  urls: z.object({ self: z.string(), events: z.string(), output: z.string(), cancel: z.string() }),
});

export type JobDocument = z.infer<typeof jobDocument>;
