import type { GatewayError } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import type { Result } from "../../domain/result.ts";
import type { InferenceCall, RequestCall } from "../../flows/call.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
import { openCall } from "../../flows/open-call.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { asksForJob, handleDurable } from "./handle-durable.ts";
import { readJsonBody } from "../read-json-body.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondOutcome } from "./respond-outcome.ts";

/** Answers a request for a model's answer: read and check the body, run, respond. */
export const handleInference =
  (task: Task): AdmittedHandler =>
  async (request, admitted, context, gateway) => {
    const call = await readCall(task, request, admitted, gateway);
    if (call.ok) return answer(call.value, request.headers, context, gateway);
    await discardUnread(request, context);
    return respondError(call.error, context, {}, task);
  };

async function answer(
  call: InferenceCall,
  headers: Headers,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  if (asksForJob(call, headers)) return handleDurable(call, headers, context, gateway);
  const { task, showsUsage } = call;
  const outcome = await runInference(gateway.services, { ...call, mayPipe: true });
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  return respondOutcome(outcome.value, context, { task, showsUsage });
}

async function readCall(
  task: Task,
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const json = await readJsonBody(request, gateway.release.config.limits.requestBytes);
  if (!json.ok) return json;
  const cacheControl = request.headers.get("cache-control");
  return openCall(admitted, { task, body: json.value, cacheControl });
}
