import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import { createJobRequest } from "../../contract/jobs/create-job-request.ts";
import { parsePrefer } from "../../domain/requests/parse-prefer.ts";
import { parseBody } from "../../domain/requests/parse-request.ts";
import { err, type Result } from "../../domain/result.ts";
import type { RequestCall } from "../../flows/call.ts";
import { openOrder } from "../../flows/jobs/open-order.ts";
import type { Order } from "../../flows/jobs/order.ts";
import { submitJob } from "../../flows/jobs/submit-job.ts";
import { waitForJob } from "../../flows/jobs/wait-for-job.ts";
import { openCall } from "../../flows/open-call.ts";
import { withinInput } from "../within-input.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { limitsFor, readJsonBody } from "../read-json-body.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { readWebhook } from "./read-webhook.ts";
import { respondJob } from "./respond-job.ts";
import type { Reply } from "../reply.ts";

/** `POST /v1/jobs`: checks the request, accepts the job, and waits for it where the client asks for that. */
export const handleCreateJob: AdmittedHandler = async (request, call, context, gateway) => {
  const order = await readOrder(request, call, gateway);
  if (order.ok) return placeOrder(order.value, request.headers, context, gateway);
  await discardUnread(request, context);
  return respondError(order.error, context);
};

/** Submits, and answers with the job: as it is at once, or after the wait that the client prefers. */
export async function placeOrder(
  order: Order,
  headers: Headers,
  context: RequestContext,
  { services }: Gateway,
): Promise<Reply> {
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
  const reply = respondJob(view, isEnded(view.document) ? 200 : 202);
  reply.headers["location"] = `/v1/jobs/${id}`;
  if (existing) reply.headers["idempotent-replayed"] = "true";
  if (waitMs !== undefined) reply.headers["preference-applied"] = `wait=${waitMs / 1000}`;
  return reply;
}

async function readOrder(
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<Order, GatewayError>> {
  const key = request.headers.get("idempotency-key");
  const json = await readJsonBody(request, limitsFor(admitted, gateway));
  if (!json.ok) return json;
  const asked = parseBody(createJobRequest, json.value);
  if (!asked.ok) return asked;
  const { task, input, metadata } = asked.value;
  const cacheControl = request.headers.get("cache-control");
  const call = openCall({ ...admitted, metadata }, { task, body: input, cacheControl });
  if (!call.ok) return err(withinInput(call.error));
  const webhook = readWebhook(asked.value, gateway.webhooks);
  if (!webhook.ok) return webhook;
  const order = await openOrder(gateway.services, call.value, {
    key,
    cacheControl,
    path: ENDPOINTS.createJob.path,
    whole: json.value,
    // The route's name stays with a job that need not name it.
    input: input.model === undefined ? call.value.body : input,
    options: asked.value,
    webhook: webhook.value,
  });
  return order.ok ? order : err(withinInput(order.error));
}
