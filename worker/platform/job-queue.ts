import type { JobMessage } from "../contract/jobs/job-message.ts";
import type { NoticeMessage } from "../contract/webhooks.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** The part of a queue that sending needs. */
export interface MessageQueue<Body> {
  send(body: Body, options: { readonly delaySeconds: number }): Promise<unknown>;
}

/** Sends a message; gives why it could not, and never throws. */
type Send<Body> = (body: Body, delaySeconds: number) => Promise<Result<undefined, string>>;

/** Tells the queue about jobs that are to be run. */
export type SendJobs = (jobs: readonly string[], delaySeconds: number) => Promise<Result<undefined, string>>;

/**
 * Sends within `timeoutMs`: a send has been seen to hang for a minute. A message that is given up may still
 * arrive, and one that fails is not repeated: where no consumer claims its job, the object's alarm sends
 * another.
 */
function createSender<Body>(queue: MessageQueue<Body>, timeoutMs: number): Send<Body> {
  return async (body, delaySeconds) => {
    const late = Promise.withResolvers<Result<undefined, string>>();
    const timer = setTimeout(() => late.resolve(err(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const sending = (async () => queue.send(body, { delaySeconds }))().then(
        () => ok(undefined),
        (error: unknown) => err(String(error)),
      );
      return await Promise.race([sending, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

const SEND_TIMEOUT_MS = 5000;

export function createJobSender(queue: MessageQueue<JobMessage>): SendJobs {
  const send = createSender(queue, SEND_TIMEOUT_MS);
  return (jobs, delaySeconds) => send({ v: 1, jobs: [...jobs] }, delaySeconds);
}

/** Tells the queue about a window that has jobs to be run. */
export type SendWindow = (window: string, delaySeconds: number) => Promise<Result<undefined, string>>;

export function createWindowSender(queue: MessageQueue<JobMessage>): SendWindow {
  const send = createSender(queue, SEND_TIMEOUT_MS);
  return (window, delaySeconds) => send({ v: 1, window }, delaySeconds);
}

/** Tells the queue about a job whose webhook is to be told of its end. */
export type SendNotice = (job: string, delaySeconds: number) => Promise<Result<undefined, string>>;

export function createNoticeSender(queue: MessageQueue<NoticeMessage>): SendNotice {
  const send = createSender(queue, SEND_TIMEOUT_MS);
  return (job, delaySeconds) => send({ v: 1, job }, delaySeconds);
}
