import type { GatewayError } from "../../contract/errors.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import type { JobCopy } from "../../domain/jobs/job-protocol.ts";
import { parseJson } from "../../domain/requests/parse-json.ts";
import { parsePrefer } from "../../domain/requests/parse-prefer.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { RequestCall } from "../../flows/call.ts";
import { cancelJob } from "../../flows/jobs/cancel-job.ts";
import { askJob } from "../../flows/jobs/job-services.ts";
import { removeJob } from "../../flows/jobs/remove-job.ts";
import { reopenOrder } from "../../flows/jobs/open-order.ts";
import { readKept } from "../../flows/jobs/run-queued-job.ts";
import type { Order } from "../../flows/jobs/order.ts";
import { openCall } from "../../flows/open-call.ts";
import { waitForJob } from "../../flows/jobs/wait-for-job.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { placeOrder } from "./handle-jobs.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError } from "../respond.ts";
import { respondJob, respondOutput } from "./respond-job.ts";
import type { Reply } from "../reply.ts";

/** One admitted request about one job. */
export interface Asked {
  readonly id: string;
  readonly call: RequestCall;
  readonly request: Request;
  readonly headers: Headers;
  readonly context: RequestContext;
  readonly gateway: Gateway;
}

type Answer = (asked: Asked) => Promise<Result<Reply, GatewayError>>;

/** The same answer for another tenant's job as for one that does not exist. */
export const NO_SUCH_JOB = err({ code: "not_found", message: "There is no such job." } as const);

/** Makes a handler of a function that answers for a job, which may not exist. */
export const handleJob =
  (answer: Answer): AdmittedHandler =>
  async (request, call, context, gateway) => {
    const id = request.params?.["id"] ?? "";
    const asked = { id, call, request, headers: request.headers, context, gateway };
    const response = gateway.services.jobs.find(id) ? await answer(asked) : NO_SUCH_JOB;
    return response.ok ? response.value : respondError(response.error, context);
  };

export const handleReadJob = handleJob(async ({ id, call, headers, context, gateway }) => {
  const { waitMs } = parsePrefer(headers.get("prefer"));
  const until = context.now() + (waitMs ?? 0);
  const {
    caller: { tenant },
    signal,
  } = call;
  const view = await waitForJob(gateway.services, { id, tenant, until, signal });
  if (view.kind === "absent") return NO_SUCH_JOB;
  const response = respondJob(view, 200);
  if (waitMs !== undefined) response.headers["preference-applied"] = `wait=${waitMs / 1000}`;
  return ok(response);
});

export const handleReadOutput = handleJob(async ({ id, call, gateway }) => {
  const view = await askJob(gateway.services, id, (job) => job.read(call.caller.tenant, true));
  if (view.kind === "absent") return NO_SUCH_JOB;
  if (view.output) return ok(respondOutput(view.document, view.output));
  const { document } = view;
  if (!isEnded(document)) return err({ code: "job_not_terminal" });
  return err({ code: "not_found", message: `The job has no output: it is ${document.status}.` });
});

export const handleCancelJob = handleJob(async ({ id, call, gateway }) => {
  const kind = await cancelJob(gateway.services, call.caller.tenant, id);
  if (kind === "absent") return NO_SUCH_JOB;
  const view = await askJob(gateway.services, id, (job) => job.read(call.caller.tenant, true));
  if (view.kind === "absent") return NO_SUCH_JOB;
  return ok(respondJob(view, isEnded(view.document) ? 200 : 202));
});

export const handleRemoveJob = handleJob(async ({ id, call, gateway }) => {
  const done = await removeJob(gateway.services, call.caller.tenant, id);
  if (done === "absent") return NO_SUCH_JOB;
  if (done === "not_terminal") return err({ code: "job_not_terminal" });
  return ok({ status: 204, headers: {}, body: null });
});

export const handleRetryJob = handleJob(async (asked) => {
  const { id, call, headers, context, gateway } = asked;
  const copy = await askJob(gateway.services, id, (job) => job.copy(call.caller.tenant));
  if (copy.kind === "absent") return NO_SUCH_JOB;
  if (copy.kind === "not_terminal") return err({ code: "job_not_terminal" });
  const order = await readAgain(asked, copy);
  return order.ok ? ok(await placeOrder(order.value, headers, context, gateway)) : order;
});

/** Opens the call of an ended job's request again. */
async function readAgain(
  { id, call, headers }: Asked,
  { facts, request }: Extract<JobCopy, { kind: "found" }>,
): Promise<Result<Order, GatewayError>> {
  const { task, metadata, cacheControl, clientHeaders } = facts;
  const json = parseJson(new TextDecoder().decode(request));
  if (!json.ok) return json;
  const again = openCall(
    { ...call, metadata, readHeader: readKept(clientHeaders) },
    { task, body: json.value, cacheControl },
  );
  if (!again.ok) return again;
  return reopenOrder(again.value, { id, key: headers.get("idempotency-key"), facts, request });
}
