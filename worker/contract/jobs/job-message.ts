import * as z from "zod/mini";
import { JOB_ID } from "./job-id.ts";

/** As many as one delivery runs at once; the platform's limit, 128 KB, is far. */
export const MAX_JOBS_A_MESSAGE = 32;

/**
 * A message of the jobs' queue: jobs that are to be run, or the id of the object of a window that has a group
 * of them. It has only ids, for a message may be delivered more than once.
 */
export const jobMessage = z.union([
  z.strictObject({
    v: z.literal(1),
    jobs: z.array(z.string().check(z.regex(JOB_ID))).check(z.minLength(1), z.maxLength(MAX_JOBS_A_MESSAGE)),
  }),
  z.strictObject({ v: z.literal(1), window: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
]);

export type JobMessage = z.infer<typeof jobMessage>;
