import * as z from "zod/mini";
import { jobWindow } from "./windows.ts";

export const jobs = z.strictObject({
  /**
   * How often a job is run at most, each time over all targets. Without it a job is run until its
   * `complete_within` is over; one that was sent without, 100 times and a day at most.
   */
  attempts: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
  /**
   * What to do when a run was lost and the provider may have been called: call again (with the same
   * `idempotency-key`, which few providers support), or end the job as `outcome_unknown`.
   */
  onUnknownOutcome: z._default(z.enum(["repeat", "fail"]), "repeat"),
  /**
   * Lets jobs that no client waits for share calls: embeddings, classify and moderations. Jobs of priority
   * `interactive`, or with `start_within`, are run by themselves.
   */
  window: z.optional(jobWindow),
});
