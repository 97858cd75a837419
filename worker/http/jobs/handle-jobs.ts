import { JOB_PATHS } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { type CreateJob, createJobRequest } from "../../contract/jobs/create-job-request.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import { canStream, isStreamed } from "../../contract/requests.ts";
import { parseCacheControl } from "../../domain/cache/cache-directives.ts";
import { resolveRoute } from "../../domain/routing/catalog.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import { buildPolicy, identifyJob } from "../../domain/jobs/job-submission.ts";
import { parseIdempotencyKey } from "../../domain/requests/parse-idempotency-key.ts";
import { parsePrefer } from "../../domain/requests/parse-prefer.ts";
import { parseBody, parseRequest } from "../../domain/requests/parse-request.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { InferenceCall, RequestCall } from "../../flows/call.ts";
import { type JobOrder, submitJob } from "../../flows/jobs/submit-job.ts";
import { waitForJob } from "../../flows/jobs/wait-for-job.ts";
import { admitRequest } from "../admit-request.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import { readJsonBody } from "../read-json-body.ts";
import { readWebhook } from "./read-webhook.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondJob } from "./respond-job.ts";

/** `POST /v1/jobs`: checks all that can be checked, accepts the job, waits where the client would. */
export async function handleCreateJob(
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const order = await readOrder(request, context, gateway);
  if (order.ok) return placeOrder(order.value, request.headers, context, gateway);
  await discardUnread(request, context);
  return respondError(order.error, context);
}

/** Submits, and answers with the job: as it is at once, or after the wait that the client prefers. */
export async function placeOrder(
  order: Omit<JobOrder, "waitUntil">,
  headers: Headers,
  context: RequestContext,
  { services }: Gateway,
): Promise<Response> {
  const { waitMs } = parsePrefer(headers.get("prefer"));
  const waitUntil = waitMs === undefined || waitMs === 0 ? undefined : context.now() + waitMs;
  const job = await submitJob(services, { ...order, waitUntil });
  if (!job.ok) return respondError(job.error, context);
  const { id, existing, view: found } = job.value;
  const {
    caller: { tenant },
    signal,
  } = order.call;
  const until = waitUntil ?? context.now();
  const view = await waitForJob(services, { id, tenant, until, signal, view: found });
  if (view.kind === "absent") return respondError({ code: "internal_error" }, context);
  const response = respondJob(view, isEnded(view.document) ? 200 : 202);
  response.headers.set("location", `/v1/jobs/${id}`);
  if (existing) response.headers.set("idempotent-replayed", "true");
  if (waitMs !== undefined) response.headers.set("preference-applied", `wait=${waitMs / 1000}`);
  return response;
}

async function readOrder(
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Result<Omit<JobOrder, "waitUntil">, GatewayError>> {
  const admitted = await admitRequest(request, context, gateway);
  if (!admitted.ok) return admitted;
  const key = parseIdempotencyKey(request.headers.get("idempotency-key"));
  if (!key.ok) return key;
  const json = await readJsonBody(request, gateway.config.limits.requestBytes);
  if (!json.ok) return json;
  const asked = parseBody(createJobRequest, json.value);
  if (!asked.ok) return asked;
  const cacheControl = request.headers.get("cache-control");
  const call = readCall(asked.value, admitted.value, cacheControl);
  if (!call.ok) return call;
  const route = resolveRoute(gateway.services.catalog, call.value.body.model, call.value.task);
  if (!route.ok) return err(within(route.error));
  const webhook = readWebhook(asked.value, gateway.webhooks);
  if (!webhook.ok) return webhook;
  const { task, input } = asked.value;
  const { key: named, fingerprint } = await identifyJob({
    key: key.value,
    route: route.value,
    directives: call.value.directives,
    task,
    input,
    path: JOB_PATHS.create,
    body: json.value,
  });
  const policy = buildPolicy(route.value.jobs, asked.value);
  return ok({
    submission: buildSubmission(asked.value, call.value, {
      fingerprint,
      policy,
      webhook: webhook.value,
      cacheControl,
    }),
    key: named,
    call: call.value,
  });
}

/** The inference that a job asks for, checked as its own endpoint would check it. */
function readCall(
  { task, input, metadata }: CreateJob,
  admitted: RequestCall,
  cacheControl: string | null,
): Result<InferenceCall, GatewayError> {
  const body = parseRequest(task, input);
  if (!body.ok) return err(within(body.error));
  const streamed = isStreamed(input);
  if (streamed && !canStream(task)) return err(NO_STREAM);
  return ok({
    ...admitted,
    task,
    body: body.value,
    metadata,
    streamed,
    directives: parseCacheControl(cacheControl),
  });
}

const NO_STREAM: GatewayError = {
  code: "invalid_request",
  param: "input.stream",
  message: "input.stream: this task's answers are no streams; leave it out.",
};

/** A fault of the inner body, by its path in the whole. */
function within(error: GatewayError): GatewayError {
  if (error.param === undefined) return error;
  const { message, param } = error;
  return {
    ...error,
    param: `input.${param}`,
    ...(message?.startsWith(param) === true ? { message: `input.${message}` } : {}),
  };
}

function buildSubmission(
  asked: CreateJob,
  { caller: { tenant, keyId }, traceparent }: InferenceCall,
  decided: Pick<Submission, "fingerprint" | "policy" | "webhook" | "cacheControl">,
): Submission {
  const { task, input, priority, metadata } = asked;
  return {
    ...decided,
    tenant,
    keyId,
    release: "",
    task,
    model: input.model,
    priority,
    metadata,
    retryOf: null,
    traceparent: traceparent ?? null,
    request: new TextEncoder().encode(JSON.stringify(input)),
  };
}
