import type { ListedPage } from "../../domain/jobs/job-directory-protocol.ts";
import { encodeCursor, parseListQuery } from "../../domain/jobs/job-list-query.ts";
import { listJobs } from "../../flows/jobs/list-jobs.ts";
import { admitRequest } from "../admit-request.ts";
import type { Gateway } from "../gateway.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError, respondJson } from "../respond.ts";

/** `GET /v1/jobs`: one page of the caller's own jobs. */
export async function handleListJobs(
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const call = await admitRequest(request, context, gateway);
  if (!call.ok) return respondError(call.error, context);
  const query = parseListQuery(new URL(request.url).searchParams);
  if (!query.ok) return respondError(query.error, context);
  const page = await listJobs(gateway.services, call.value.caller.tenant, query.value);
  return respondJson(writePage(page), { "cache-control": "no-store" });
}

/** The entries are JSON already. */
function writePage({ entries, next }: ListedPage): string {
  const data = entries.map(({ summary }) => summary).join(",");
  const cursor = next === null ? "null" : JSON.stringify(encodeCursor(next));
  return `{"object":"list","data":[${data}],"has_more":${next !== null},"next":${cursor}}`;
}
