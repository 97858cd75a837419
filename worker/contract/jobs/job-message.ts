import * as z from "zod/mini";
import { JOB_ID } from "./job-id.ts";

/** As many as one delivery runs at once; the platform's limit, 128 KB, is far. */
export const MAX_JOBS_A_MESSAGE = 32;

/**
 * What a queue carries: ids only, for a message is delivered at least once. Jobs that are to be run, or the
 * id of a window's object that has a group of them.
 */
export const jobMessage = z.union([
  z.strictObject({
    v: z.literal(1),
    jobs: z.array(z.string().check(z.regex(JOB_ID))).check(z.minLength(1), z.maxLength(MAX_JOBS_A_MESSAGE)),
  }),
  z.strictObject({ v: z.literal(1), window: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
]);

export type JobMessage = z.infer<typeof jobMessage>;
