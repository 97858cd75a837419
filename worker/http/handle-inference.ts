import type { GatewayError } from "../contract/errors.ts";
import type { ChatRequest, Task } from "../contract/requests.ts";
import { parseCacheControl } from "../domain/cache-directives.ts";
import { parseRequest } from "../domain/parse-request.ts";
import { ok, type Result } from "../domain/result.ts";
import { authenticate } from "../flows/authenticate.ts";
import type { InferenceCall } from "../flows/inference-call.ts";
import { type CacheOutcome, type InferenceOutcome, runInference } from "../flows/run-inference.ts";
import type { Gateway } from "./gateway.ts";
import { readJsonBody } from "./read-json-body.ts";
import { readDeadline, readMetadata, readTraceparent, type RequestContext } from "./request-context.ts";
import { respondError, respondJson } from "./respond.ts";
import { streamPieces } from "./stream-body.ts";

/** Answers a request for a model's answer: authenticate, read and check the body, run, respond. */
export async function handleInference(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const call = await readCall(task, request, context, gateway);
  if (!call.ok) return respondError(call.error, context);
  const outcome = await runInference(gateway.services, call.value);
  if (!outcome.ok) return respondError(outcome.error, context);
  return respondOutcome(outcome.value, call.value, context);
}

async function readCall(
  task: Task,
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const principal = await authenticate(
    request.headers.get("authorization"),
    gateway.findKey,
    gateway.services.log,
  );
  context.timing.set("auth", context.now() - context.startedAt);
  if (!principal.ok) return principal;
  const deadlineAt = readDeadline(request.headers, context.startedAt);
  if (!deadlineAt.ok) return deadlineAt;
  const metadata = readMetadata(request.headers);
  if (!metadata.ok) return metadata;
  const json = await readJsonBody(request, gateway.config.limits.requestBytes);
  if (!json.ok) return json;
  const body = parseRequest(task, json.value);
  if (!body.ok) return body;
  return ok({
    task,
    body: body.value,
    streamed: task === "chat" && (body.value as ChatRequest).stream === true,
    tenant: principal.value.tenant,
    directives: parseCacheControl(request.headers.get("cache-control")),
    deadlineAt: deadlineAt.value,
    signal: request.signal,
    requestId: context.requestId,
    metadata: metadata.value,
    traceparent: readTraceparent(request.headers),
    defer: context.defer,
    time: (what, ms) => context.timing.set(what, ms),
  });
}

function respondOutcome(outcome: InferenceOutcome, call: InferenceCall, context: RequestContext): Response {
  const { body, cache } = outcome;
  const headers: Record<string, string> = {
    "x-headrace-route": outcome.route,
    "x-headrace-target": outcome.target,
    "x-headrace-attempts": String(outcome.attempts),
    "cache-status": writeCacheStatus(cache),
    ...(cache.kind === "hit" ? { age: String(cache.ageSeconds) } : {}),
    ...(outcome.costUsd === undefined ? {} : { "x-headrace-cost-usd": writeUsd(outcome.costUsd) }),
  };
  if (body.form === "json") return respondJson(body.bytes, headers);
  const { requestId, defer } = context;
  const includeUsage = (call.body as ChatRequest).stream_options?.include_usage === true;
  return new Response(streamPieces(body.pieces, { requestId, includeUsage, defer }), {
    headers: { ...headers, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

/** RFC 9211. The detail names the tier of a hit. */
function writeCacheStatus(cache: CacheOutcome): string {
  if (cache.kind === "hit") return `headrace; hit; ttl=${cache.ttlSeconds}; detail=${cache.tier}`;
  const { why, stored, collapsed } = cache;
  return `headrace; fwd=${why}; fwd-status=200${stored ? "; stored" : ""}${collapsed ? "; collapsed" : ""}`;
}

/** Plain decimals to a hundred-millionth of a dollar: an embedding costs some millionths. */
const writeUsd = (usd: number) => usd.toFixed(8).replace(/\.?0+$/, "");
