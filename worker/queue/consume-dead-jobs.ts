import { askJob, type JobServices } from "../flows/jobs/job-services.ts";
import { readJobMessage } from "./read-job-message.ts";

/**
 * Closes the jobs whose messages the queue has given up, so that none stays open for ever. A job that is
 * being run is left to its lease; the message of a job whose object cannot be reached is retried.
 */
export async function consumeDeadJobs(services: JobServices, messages: readonly Message[]): Promise<void> {
  await Promise.all(messages.map((message) => close(services, message)));
}

async function close(services: JobServices, message: Message): Promise<void> {
  const { jobs, window } = readJobMessage(message, services);
  // The message can be dropped: the window's alarm sends another while it has anything to run.
  if (window !== undefined) services.log.warn("window_dead_lettered", { window });
  const closed = await Promise.all(jobs.map((id) => closeJob(services, id)));
  if (closed.every(Boolean)) message.ack();
  else message.retry();
}

async function closeJob(services: JobServices, id: string): Promise<boolean> {
  try {
    const { kind } = await askJob(services, id, (job) => job.deadLetter());
    services.log.warn("job_dead_lettered", { job: id, kind });
    return true;
  } catch (error) {
    services.log.warn("job_not_closed", { job: id, error });
    return false;
  }
}
