import type { GatewayError } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import { parseJson } from "../../domain/requests/parse-json.ts";
import { parsePrefer, type Preferences } from "../../domain/requests/parse-prefer.ts";
import { ok, type Result } from "../../domain/result.ts";
import { readBetas } from "../../domain/routing/client-headers.ts";
import type { InferenceCall, KnownKey, RequestCall } from "../../flows/call.ts";
import { keepItems, recallItems } from "../../flows/inference/kept-items.ts";
import { runInference } from "../../flows/inference/run-inference.ts";
import { readRequest, routeCall } from "../../flows/open-call.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { asksForJob, handleDurable } from "./handle-durable.ts";
import { holdReply } from "./hold-reply.ts";
import { limitsFor, readJsonText } from "../read-json-body.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { type AskedForm, type ReadForm, rewriteAnswer } from "./asked-form.ts";
import { respondOutcome } from "./respond-outcome.ts";
import type { Reply } from "../reply.ts";

/**
 * Answers a request for a model's answer: read and check the body, run, respond. A request of another API's form
 * is asked in the task's own, and answered in its own.
 */
export const handleInference =
  (task: Task, readForm?: ReadForm): AdmittedHandler =>
  async (request, admitted, context, gateway) => {
    const read = await readCall({ task, readForm }, request, admitted, gateway);
    if (!read.ok) {
      await discardUnread(request, context);
      return respondError(read.error, context, {}, task);
    }
    const { call, form } = read.value;
    const { headers } = request;
    const answering = (asked: InferenceCall) => answer(asked, headers, context, gateway);
    const prefer = readPrefer(headers);
    const holds = call.holds === true && prefer?.respondAsync !== true;
    const reply = await (holds ? holdReply(call, answering, context, gateway) : answering(call));
    if (holds && prefer?.hold === true) reply.headers["preference-applied"] = "hold";
    return form ? rewriteAnswer(reply, form) : reply;
  };

function readPrefer(headers: Headers): Preferences | undefined {
  const prefer = headers.get("prefer");
  return prefer === null ? undefined : parsePrefer(prefer);
}

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

interface Endpoint {
  readonly task: Task;
  readonly readForm: ReadForm | undefined;
}

interface ReadCall {
  readonly call: InferenceCall;
  readonly form?: AskedForm | undefined;
}

async function readCall(
  { task, readForm }: Endpoint,
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<ReadCall, GatewayError>> {
  const { release, knownRequests } = gateway;
  const text = await readJsonText(request, limitsFor(admitted, gateway));
  if (!text.ok) return text;
  const cacheControl = request.headers.get("cache-control");
  const asked = { release: release.version, tenant: admitted.caller.tenant, task, text: text.value };
  const known = knownRequests.find(asked);
  const how = { task, cacheControl, mayPipe: true, prefersHold: readPrefer(request.headers)?.hold === true };
  // A text is known by what it asks alone: with betas in the headers it asks for something else.
  const asksByHeader = () => readBetas((name) => request.headers.get(name)) !== undefined;
  if (known && !asksByHeader())
    return withForm(routeCall(admitted, { ...how, knownKey: known.key }, known.body));
  const json = parseJson(text.value);
  if (!json.ok) return json;
  const form = readForm?.(json.value) ?? ok(undefined);
  if (!form.ok) return form;
  const read = readRequest(admitted, task, form.value ? form.value.body : json.value);
  if (!read.ok) return read;
  const body = read.value;
  const onMemoryHit = (key: KnownKey) => {
    if (!form.value && !asksByHeader()) knownRequests.remember(asked, { body, key });
  };
  return withForm(routeCall(admitted, { ...how, onMemoryHit }, body), form.value);
}

const withForm = (
  call: Result<InferenceCall, GatewayError>,
  form?: AskedForm,
): Result<ReadCall, GatewayError> => (call.ok ? ok({ call: call.value, form }) : call);
