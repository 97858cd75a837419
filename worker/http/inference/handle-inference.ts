import type { GatewayError } from "../../contract/errors.ts";
import { type ChatRequest, isStreamed, type Task } from "../../contract/requests.ts";
import { parseCacheControl } from "../../domain/cache/cache-directives.ts";
import { parseRequest } from "../../domain/requests/parse-request.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { InferenceCall } from "../../flows/call.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
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
  if (asksForJob(call.value, request.headers, gateway)) {
    return handleDurable(call.value, request.headers, context, gateway);
  }
  const outcome = await runInference(gateway.services, call.value);
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  const includeUsage = (call.value.body as ChatRequest).stream_options?.include_usage === true;
  return respondOutcome(outcome.value, context, { task, includeUsage });
}

async function readCall(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const admitted = await admitRequest(request, context, gateway);
  if (!admitted.ok) return admitted;
  const json = await readJsonBody(request, gateway.config.limits.requestBytes);
  if (!json.ok) return json;
  const body = parseRequest(task, json.value);
  if (!body.ok) return body;
  return ok({
    ...admitted.value,
    task,
    body: body.value,
    streamed: isStreamed(body.value),
    directives: parseCacheControl(request.headers.get("cache-control")),
  });
}
