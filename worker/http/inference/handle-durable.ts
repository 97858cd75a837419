import { INFERENCE_PATHS } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import { canStream, type ChatRequest } from "../../contract/requests.ts";
import type { Pieces } from "../../domain/answers/answer-body.ts";
import { resolveRoute } from "../../domain/routing/catalog.ts";
import { fromJobError } from "../../domain/jobs/job-failure.ts";
import type { JobView } from "../../domain/jobs/job-protocol.ts";
import { buildPolicy, identifyJob, isKnownByContent } from "../../domain/jobs/job-submission.ts";
import { parseIdempotencyKey } from "../../domain/requests/parse-idempotency-key.ts";
import { parsePrefer, type Preferences, writeApplied } from "../../domain/requests/parse-prefer.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { STREAM_TYPE } from "../../flows/jobs/collect-stream.ts";
import { followStream } from "../../flows/jobs/follow-stream.ts";
import type { InferenceCall } from "../../flows/call.ts";
import type { JobServices } from "../../flows/jobs/job-services.ts";
import type { InferenceOutcome } from "../../flows/inference/run-inference.ts";
import { type JobOrder, submitJob } from "../../flows/jobs/submit-job.ts";
import { waitForJob } from "../../flows/jobs/wait-for-job.ts";
import type { Gateway } from "../gateway.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondJob, respondOutput } from "../jobs/respond-job.ts";
import { respondOutcome } from "./respond-outcome.ts";
import { streamPieces } from "./stream-body.ts";

/** Whether a synchronous request is to be a job: it says so, or its route does. */
export function asksForJob(call: InferenceCall, headers: Headers, { services }: Gateway): boolean {
  if (headers.has("idempotency-key")) return true;
  const prefer = headers.get("prefer");
  if (prefer !== null && parsePrefer(prefer).respondAsync) return true;
  const route = resolveRoute(services.catalog, call.body.model, call.task);
  return route.ok && isKnownByContent(route.value, call.directives);
}

/**
 * Answers a synchronous request as a job that the caller waits on: at its end with the answer, as ever,
 * or with a stream as it comes; where the caller prefers not to wait, or no longer, with the job.
 */
export async function handleDurable(
  call: InferenceCall,
  headers: Headers,
  context: RequestContext,
  { services }: Gateway,
): Promise<Response> {
  const prefer = parsePrefer(headers.get("prefer"));
  const waitUntil = findWaitUntil(call, prefer, context);
  const live = call.streamed && !prefer.respondAsync;
  const order = await buildOrder(services, call, {
    key: headers.get("idempotency-key"),
    waitUntil,
    live,
    cacheControl: headers.get("cache-control"),
  });
  if (!order.ok) return respondError(order.error, context, {}, call.task);
  const job = await submitJob(services, order.value);
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

/** Who prefers a job waits as long as it says; others until their own deadline. */
function findWaitUntil(
  call: InferenceCall,
  prefer: Preferences,
  { now }: RequestContext,
): number | undefined {
  if (!prefer.respondAsync) return call.deadlineAt;
  return prefer.waitMs === undefined || prefer.waitMs === 0 ? undefined : now() + prefer.waitMs;
}

interface Asked {
  readonly key: string | null;
  readonly waitUntil: number | undefined;
  readonly live: boolean;
  readonly cacheControl: string | null;
}

/** Checks all that can be checked before a key is claimed. */
async function buildOrder(
  services: JobServices,
  call: InferenceCall,
  asked: Asked,
): Promise<Result<JobOrder, GatewayError>> {
  const key = parseIdempotencyKey(asked.key);
  if (!key.ok) return key;
  if (call.streamed && !canStream(call.task)) return err(NO_STREAM);
  const route = resolveRoute(services.catalog, call.body.model, call.task);
  if (!route.ok) return route;
  const {
    task,
    body,
    caller: { tenant, keyId },
  } = call;
  const { key: named, fingerprint } = await identifyJob({
    key: key.value,
    route: route.value,
    directives: call.directives,
    task,
    input: body,
    path: INFERENCE_PATHS[task],
    body,
  });
  const submission = {
    tenant,
    keyId,
    release: "",
    task,
    model: body.model,
    fingerprint,
    priority: "normal" as const,
    policy: buildPolicy(route.value.jobs, {}),
    metadata: call.metadata ?? {},
    webhook: null,
    retryOf: null,
    cacheControl: asked.cacheControl,
    traceparent: call.traceparent ?? null,
    request: new TextEncoder().encode(JSON.stringify(body)),
  };
  return ok({ submission, key: named, call, waitUntil: asked.waitUntil, live: asked.live });
}

const NO_STREAM: GatewayError = {
  code: "invalid_request",
  param: "stream",
  message: "stream: this task's answers are no streams that a job could keep; leave it out.",
};

function answerOutcome(
  outcome: Result<InferenceOutcome, GatewayError>,
  { task, body }: InferenceCall,
  context: RequestContext,
): Response {
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  const includeUsage = (body as ChatRequest).stream_options?.include_usage === true;
  return respondOutcome(outcome.value, context, { task, includeUsage });
}

/** The stream of a run that another request started, as it comes. */
function answerPieces(
  pieces: Pieces,
  { task, body }: InferenceCall,
  { requestId, defer }: RequestContext,
): Response {
  // What its run has left out of the record never gets here.
  return new Response(streamPieces(pieces, { requestId, task, includeUsage: true, defer }), {
    headers: {
      "content-type": STREAM_TYPE,
      "cache-control": "no-store",
      "x-headrace-route": body.model,
    },
  });
}

/** What a job that was not run here tells those who wait for its answer. */
function answerView(
  view: JobView,
  { task }: InferenceCall,
  context: RequestContext,
  prefer: Preferences,
): Response {
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
function markJob(response: Response, { existing, prefer, location }: Told): Response {
  response.headers.set("location", location);
  if (existing) response.headers.set("idempotent-replayed", "true");
  const applied = prefer.respondAsync ? writeApplied(prefer) : undefined;
  if (applied !== undefined) response.headers.set("preference-applied", applied);
  return response;
}
