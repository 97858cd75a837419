import type { ListedPage } from "../../domain/jobs/job-directory-protocol.ts";
import { encodeCursor, parseListQuery } from "../../domain/jobs/job-list-query.ts";
import { listJobs } from "../../flows/jobs/list-jobs.ts";
import type { AdmittedHandler } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";

/** `GET /v1/jobs`: one page of the caller's own jobs. */
export const handleListJobs: AdmittedHandler = async (request, { caller }, context, { services }) => {
  const query = parseListQuery(new URL(request.url).searchParams);
  if (!query.ok) return respondError(query.error, context);
  const page = await listJobs(services, caller.tenant, query.value);
  return respondJson(writePage(page), { "cache-control": "no-store" });
};

/** The entries are JSON already. */
function writePage({ entries, next }: ListedPage): string {
  const data = entries.map(({ summary }) => summary).join(",");
  const cursor = next === null ? "null" : JSON.stringify(encodeCursor(next));
  return `{"object":"list","data":[${data}],"has_more":${next !== null},"next":${cursor}}`;
}
