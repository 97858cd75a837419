import { isEnded } from "../../contract/jobs/job-status.ts";
import { askJob, type JobServices } from "./job-services.ts";

/**
 * Forgets a job that has ended, and takes it off its tenant's list. The list comes first: an outcome never
 * changes, so where the second step fails the job is still there, and a repeat does both.
 */
export async function removeJob(
  services: JobServices,
  tenant: string,
  id: string,
): Promise<"removed" | "not_terminal" | "absent"> {
  const view = await askJob(services, id, (job) => job.read(tenant, false));
  if (view.kind === "absent") return "absent";
  const { created_at: createdAt, expires_at: expiresAt } = view.document;
  if (!isEnded(view.document)) return "not_terminal";
  await services.directories.remove(tenant, { id, createdAt: Date.parse(createdAt) }, Date.parse(expiresAt));
  await askJob(services, id, (job) => job.remove(tenant));
  return "removed";
}
