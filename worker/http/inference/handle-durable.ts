import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import type { Pieces } from "../../domain/answers/answer-body.ts";
import { fromJobError } from "../../domain/jobs/job-failure.ts";
import type { JobView } from "../../domain/jobs/job-protocol.ts";
import { isKnownByContent } from "../../domain/jobs/job-submission.ts";
import { parsePrefer, type Preferences, writeApplied } from "../../domain/requests/parse-prefer.ts";
import type { Result } from "../../domain/result.ts";
import { STREAM_TYPE } from "../../flows/jobs/collect-stream.ts";
import { followStream } from "../../flows/jobs/follow-stream.ts";
import type { InferenceCall } from "../../flows/call.ts";
import { openOrder } from "../../flows/jobs/open-order.ts";
import type { InferenceOutcome } from "../../flows/inference/outcome.ts";
import { submitJob } from "../../flows/jobs/submit-job.ts";
import { waitForJob } from "../../flows/jobs/wait-for-job.ts";
import type { Gateway } from "../gateway.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondJob, respondOutput } from "../jobs/respond-job.ts";
import { respondOutcome } from "./respond-outcome.ts";
import { streamPieces } from "./stream-body.ts";
import type { Reply } from "../reply.ts";

/** Whether a synchronous request is to be a job: its headers or its route say so. */
export function asksForJob({ route, directives }: InferenceCall, headers: Headers): boolean {
  if (headers.has("idempotency-key")) return true;
  const prefer = headers.get("prefer");
  if (prefer !== null && parsePrefer(prefer).respondAsync) return true;
  return isKnownByContent(route, directives);
}

/**
 * Answers a synchronous request that is a job. The caller gets the answer at the job's end, or a stream as it
 * comes; where the caller prefers not to wait (any longer), it gets the job.
 */
export async function handleDurable(
  call: InferenceCall,
  headers: Headers,
  context: RequestContext,
  { services }: Gateway,
): Promise<Reply> {
  context.outlive();
  const prefer = parsePrefer(headers.get("prefer"));
  const waitUntil = findWaitUntil(call, prefer, context);
  const live = call.streamed && !prefer.respondAsync && !call.holds;
  const order = await openOrder(services, call, {
    key: headers.get("idempotency-key"),
    cacheControl: headers.get("cache-control"),
    path: ENDPOINTS[call.task].path,
    whole: call.body,
    input: call.body,
  });
  if (!order.ok) return respondError(order.error, context, {}, call.task);
  const job = await submitJob(services, { ...order.value, waitUntil, live });
  if (!job.ok) return respondError(job.error, context, {}, call.task);
  const { id, existing, outcome, view: found } = job.value;
  const told = { existing, prefer, location: `/v1/jobs/${id}` };
  if (outcome) return markJob(answerOutcome(outcome, call, context), told);
  const waiting = { id, tenant: call.caller.tenant, until: waitUntil ?? context.now(), signal: call.signal };
  const follows = live && !(found && isEnded(found.document));
  const pieces = follows ? await followStream(services, { ...waiting, task: call.task }) : undefined;
  if (pieces) return markJob(answerPieces(pieces, call, context), told);
  const view = await waitForJob(services, { ...waiting, view: follows ? undefined : found });
  return markJob(answerView(view, call, context, prefer), told);
}

/** Until when the caller waits: as `Prefer` says where it prefers a job, else until its deadline. */
function findWaitUntil(
  call: InferenceCall,
  prefer: Preferences,
  { now }: RequestContext,
): number | undefined {
  if (!prefer.respondAsync) return call.deadline.at;
  return prefer.waitMs === undefined || prefer.waitMs === 0 ? undefined : now() + prefer.waitMs;
}

function answerOutcome(
  outcome: Result<InferenceOutcome, GatewayError>,
  { task, showsUsage }: InferenceCall,
  context: RequestContext,
): Reply {
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  return respondOutcome(outcome.value, context, { task, showsUsage });
}

/** The stream of a run that another request started, as it comes. */
function answerPieces(
  pieces: Pieces,
  { task, body }: InferenceCall,
  { requestId, defer }: RequestContext,
): Reply {
  // What its run has left out of the record never gets here.
  return {
    status: 200,
    headers: {
      "content-type": STREAM_TYPE,
      "cache-control": "no-store",
      "x-headrace-route": body.model,
    },
    body: streamPieces(pieces, { requestId, task, showsUsage: true, defer }),
  };
}

/** Answers a caller who waited for a job that was not run here. */
function answerView(
  view: JobView,
  { task }: InferenceCall,
  context: RequestContext,
  prefer: Preferences,
): Reply {
  const refuse = (error: GatewayError) => respondError(error, context, {}, task);
  if (view.kind === "absent") return refuse({ code: "internal_error", reason: "the job was forgotten" });
  const { document } = view;
  if (!isEnded(document)) {
    return prefer.respondAsync ? respondJob(view, 202) : refuse({ code: "deadline_exceeded" });
  }
  if (view.output) return respondOutput(view.document, view.output);
  const { error, attempts } = document;
  return refuse(error ? { ...fromJobError(error), attempts: attempts.length } : { code: "job_canceled" });
}

interface Told {
  readonly existing: boolean;
  readonly prefer: Preferences;
  readonly location: string;
}

/** What every answer of a job says of it. */
function markJob(reply: Reply, { existing, prefer, location }: Told): Reply {
  reply.headers["location"] = location;
  if (existing) reply.headers["idempotent-replayed"] = "true";
  const applied = prefer.respondAsync ? writeApplied(prefer) : undefined;
  if (applied !== undefined) reply.headers["preference-applied"] = applied;
  return reply;
}
