import type { GatewayError } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import type { Result } from "../../domain/result.ts";
import type { InferenceCall } from "../../flows/call.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
import { openCall } from "../../flows/open-call.ts";
import { admitRequest } from "../admit-request.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import { asksForJob, handleDurable } from "./handle-durable.ts";
import { readJsonBody } from "../read-json-body.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondOutcome } from "./respond-outcome.ts";

/** Answers a request for a model's answer: authenticate, read and check the body, run, respond. */
export async function handleInference(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const response = await answer(task, request, context, gateway);
  // Where Anthropic's clients look for it.
  if (task === "messages") response.headers.set("request-id", context.requestId);
  return response;
}

async function answer(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const call = await readCall(task, request, context, gateway);
  if (!call.ok) {
    await discardUnread(request, context);
    return respondError(call.error, context, {}, task);
  }
  if (asksForJob(call.value, request.headers)) {
    return handleDurable(call.value, request.headers, context, gateway);
  }
  const outcome = await runInference(gateway.services, { ...call.value, mayPipe: true });
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  return respondOutcome(outcome.value, context, { task, showsUsage: call.value.showsUsage });
}

async function readCall(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const admitted = await admitRequest(request, context, gateway);
  if (!admitted.ok) return admitted;
  const json = await readJsonBody(request, gateway.release.config.limits.requestBytes);
  if (!json.ok) return json;
  const cacheControl = request.headers.get("cache-control");
  return openCall(admitted.value, { task, body: json.value, cacheControl });
}
