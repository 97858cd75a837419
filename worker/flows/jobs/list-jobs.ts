import type { ListedPage } from "../../domain/jobs/job-directory-protocol.ts";
import type { JobListQuery } from "../../domain/jobs/job-list-query.ts";
import type { JobServices } from "./job-services.ts";

/** One page of a tenant's jobs, newest first, with all that this isolate has accepted. */
export async function listJobs(
  { directories, listings }: JobServices,
  tenant: string,
  query: JobListQuery,
): Promise<ListedPage> {
  await listings.flush(tenant);
  return directories.list(tenant, query);
}
