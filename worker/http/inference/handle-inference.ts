import type { GatewayError } from "../../contract/errors.ts";
import { type ChatRequest, isStreamed, type Task } from "../../contract/requests.ts";
import { parseCacheControl } from "../../domain/cache/cache-directives.ts";
import { parseRequest } from "../../domain/requests/parse-request.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { InferenceCall, RequestCall } from "../../flows/call.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
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
  if (asksForJob(call, headers, gateway)) return handleDurable(call, headers, context, gateway);
  const { task, body } = call;
  const outcome = await runInference(gateway.services, call);
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  const includeUsage = (body as ChatRequest).stream_options?.include_usage === true;
  return respondOutcome(outcome.value, context, { task, includeUsage });
}

async function readCall(
  task: Task,
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const json = await readJsonBody(request, gateway.config.limits.requestBytes);
  if (!json.ok) return json;
  const body = parseRequest(task, json.value);
  if (!body.ok) return body;
  return ok({
    ...admitted,
    task,
    body: body.value,
    streamed: isStreamed(body.value),
    directives: parseCacheControl(request.headers.get("cache-control")),
  });
}
