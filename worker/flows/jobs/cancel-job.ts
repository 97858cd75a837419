import type { JobReplies } from "../../domain/jobs/job-protocol.ts";
import { nameEntry } from "../../domain/windows/job-window-protocol.ts";
import { askJobWindow } from "../windows/enter-job-window.ts";
import { askJob, type JobServices } from "./job-services.ts";

/**
 * Cancels a job, and takes it out of the window where it waits. Where taking it out fails, the window makes its
 * call in vain, for the job's object no longer takes an answer.
 */
export async function cancelJob(
  services: JobServices,
  tenant: string,
  id: string,
): Promise<JobReplies["cancel"]["kind"]> {
  const { kind, seat } = await askJob(services, id, (job) => job.cancel(tenant));
  if (seat === undefined) return kind;
  try {
    await askJobWindow(services, seat.window, (window) => window.leave(nameEntry(id, seat.createdAt)));
  } catch (error) {
    services.log.warn("window_not_left", { job: id, error });
  }
  return kind;
}
