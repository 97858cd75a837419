import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { CreateJob } from "../../contract/jobs/create-job-request.ts";
import type { JobFacts } from "../../contract/jobs/job-facts.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import { buildFingerprint, buildPolicy, identifyJob } from "../../domain/jobs/job-submission.ts";
import { keepHeaders, readBetas } from "../../domain/routing/client-headers.ts";
import { parseIdempotencyKey } from "../../domain/requests/parse-idempotency-key.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { InferenceCall } from "../call.ts";
import { recallItems } from "../inference/kept-items.ts";
import type { Services } from "../services.ts";
import type { Order } from "./order.ts";

/** What a request says about the job that is to be made of it, besides its inference. */
export interface AskedJob {
  /** The header `Idempotency-Key`. */
  readonly key: string | null;
  readonly cacheControl: string | null;
  /** The path and the whole body, which tell a repeat from another use of the same key. */
  readonly path: string;
  readonly whole: unknown;
  /** The inference body as it was sent, to be stored and run. */
  readonly input: object;
  readonly options?: Partial<Pick<CreateJob, "priority" | "start_within" | "complete_within" | "retain_for">>;
  readonly webhook?: Submission["webhook"];
}

/**
 * The one way to make a job of a request: checks all that can be checked before a key is claimed. What the
 * request refers to is stored in it, for that may be gone when the job is run.
 */
export async function openOrder(
  services: Pick<Services, "cache" | "now">,
  call: InferenceCall,
  asked: AskedJob,
): Promise<Result<Order, GatewayError>> {
  const key = parseIdempotencyKey(asked.key);
  if (!key.ok) return key;
  const { task, route } = call;
  const { input, path, whole, options = {} } = asked;
  const { directives } = call;
  const betas = call.readHeader && readBetas(call.readHeader);
  const asking = { key: key.value, route, directives, task, input, path, body: whole, betas };
  const identity = await identifyJob(asking);
  const facts: JobFacts = {
    ...pinned(call),
    task,
    model: call.body.model,
    fingerprint: identity.fingerprint,
    priority: options.priority ?? call.priority,
    policy: buildPolicy(route.jobs, options),
    metadata: call.metadata ?? {},
    webhook: asked.webhook ?? null,
    retryOf: null,
    cacheControl: asked.cacheControl,
    clientHeaders: call.readHeader ? keepHeaders(call.readHeader, route.targets) : {},
  };
  const recalled = await recallItems(services, call);
  const request = new TextEncoder().encode(JSON.stringify(recalled === call ? input : recalled.body));
  const { priority } = facts;
  return ok({ submission: { ...facts, request }, key: identity.key, call: { ...recalled, priority } });
}

/** The same request once more, as a new job that names the old one. */
export async function reopenOrder(
  call: InferenceCall,
  { id, key: header, facts, request }: AskedAgain,
): Promise<Result<Order, GatewayError>> {
  const key = parseIdempotencyKey(header);
  if (!key.ok) return key;
  const fingerprint = await buildFingerprint(ENDPOINTS.retryJob.path.replace(":id", id), null);
  return ok({
    submission: { ...facts, ...pinned(call), fingerprint, retryOf: id, request },
    key: key.value === undefined ? undefined : { source: "client", key: key.value },
    call: { ...call, priority: facts.priority },
  });
}

/** A job whose request is to be submitted again. */
export interface AskedAgain {
  readonly id: string;
  readonly key: string | null;
  readonly facts: JobFacts;
  readonly request: Uint8Array;
}

/** The caller, and the release that accepts the job. */
const pinned = ({ caller, release, traceparent }: InferenceCall) => ({
  tenant: caller.tenant,
  keyId: caller.keyId,
  release: release.version,
  traceparent: traceparent ?? null,
});
