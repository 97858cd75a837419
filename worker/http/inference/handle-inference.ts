import type { GatewayError } from "../../contract/errors.ts";
import { takesTokens, type Task } from "../../contract/requests.ts";
import { parseJson } from "../../domain/requests/parse-json.ts";
import type { Result } from "../../domain/result.ts";
import { readBetas } from "../../domain/routing/client-headers.ts";
import type { InferenceCall, RequestCall } from "../../flows/call.ts";
import { keepItems, recallItems } from "../../flows/inference/kept-items.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
import { readRequest, routeCall } from "../../flows/open-call.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { asksForJob, handleDurable } from "./handle-durable.ts";
import { limitsFor, readJsonText } from "../read-json-body.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondOutcome } from "./respond-outcome.ts";
import type { Reply } from "../reply.ts";

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
): Promise<Reply> {
  if (asksForJob(call, headers)) return handleDurable(call, headers, context, gateway);
  const { task, showsUsage } = call;
  const outcome = await runInference(gateway.services, await recallItems(gateway.services, call));
  if (!outcome.ok) return respondError(outcome.error, context, {}, task);
  const kept = keepItems(gateway.services, call, outcome.value);
  return respondOutcome(kept, context, { task, showsUsage });
}

async function readCall(
  task: Task,
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const { release, knownRequests } = gateway;
  const text = await readJsonText(request, limitsFor(admitted, gateway));
  if (!text.ok) return text;
  const cacheControl = request.headers.get("cache-control");
  const asked = { release: release.version, tenant: admitted.caller.tenant, task, text: text.value };
  const known = knownRequests.find(asked);
  const how = { task, cacheControl, mayPipe: true };
  // A text is known by what it asks alone: with betas in the headers it asks for something else.
  const asksByHeader = () => readBetas((name) => request.headers.get(name)) !== undefined;
  if (known && !asksByHeader()) return routeCall(admitted, { ...how, knownKey: known.key }, known.body);
  const json = parseJson(text.value, { countsNumbers: !takesTokens(task) });
  if (!json.ok) return json;
  const read = readRequest(admitted, task, json.value);
  if (!read.ok) return read;
  const body = read.value;
  const onMemoryHit = (key: string) => {
    if (!asksByHeader()) knownRequests.remember(asked, { body, key });
  };
  return routeCall(admitted, { ...how, onMemoryHit }, body);
}
