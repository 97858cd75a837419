import type { GatewayError } from "../../contract/errors.ts";
import { readExplained } from "../../domain/requests/read-explained.ts";
import { err, type Result } from "../../domain/result.ts";
import type { InferenceCall, RequestCall } from "../../flows/call.ts";
import { explainCall } from "../../flows/inference/explain-call.ts";
import { openCall } from "../../flows/open-call.ts";
import { discardUnread } from "../discard-unread.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { limitsFor, readJsonBody } from "../read-json-body.ts";
import { respondError, respondJson } from "../respond.ts";
import { withinInput } from "../within-input.ts";

/** `POST /v1/explain`: tells what would be done with a request, and does none of it. */
export const handleExplain: AdmittedHandler = async (request, admitted, context, gateway) => {
  const call = await readCall(request, admitted, gateway);
  if (call.ok)
    return respondJson(await explainCall(gateway.services, call.value), { "cache-control": "no-store" });
  await discardUnread(request, context);
  return respondError(call.error, context);
};

async function readCall(
  request: Request,
  admitted: RequestCall,
  gateway: Gateway,
): Promise<Result<InferenceCall, GatewayError>> {
  const json = await readJsonBody(request, limitsFor(admitted, gateway));
  if (!json.ok) return json;
  const asked = readExplained(json.value, admitted.release.catalog);
  if (!asked.ok) return asked;
  const { task, input, isWithin, metadata = admitted.metadata, priority = admitted.priority } = asked.value;
  const cacheControl = request.headers.get("cache-control");
  const call = openCall({ ...admitted, metadata, priority }, { task, body: input, cacheControl });
  return call.ok || !isWithin ? call : err(withinInput(call.error));
}
