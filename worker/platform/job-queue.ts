import type { JobMessage } from "../contract/job.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** As much of a queue as sending takes. */
export interface MessageQueue {
  send(body: JobMessage, options: { readonly delaySeconds: number }): Promise<unknown>;
}

/** Tells the queue about a job; gives why it could not, and never throws. */
export type SendJob = (jobId: string, delaySeconds: number) => Promise<Result<undefined, string>>;

/**
 * Sends within `timeoutMs`: a send has been seen to hang for a minute. One that is given up may still
 * arrive, and one that fails is not repeated: the job's alarm sends again whatever nobody has claimed.
 */
export function createJobSender(queue: MessageQueue | undefined, timeoutMs: number): SendJob {
  return async (jobId, delaySeconds) => {
    if (!queue) return err("no queue is bound");
    const late = Promise.withResolvers<Result<undefined, string>>();
    const timer = setTimeout(() => late.resolve(err(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const sending = queue.send({ v: 1, job: jobId }, { delaySeconds }).then(
        () => ok(undefined),
        (error: unknown) => err(String(error)),
      );
      return await Promise.race([sending, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}
