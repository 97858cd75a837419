import { parseCacheControl } from "../../domain/cache/cache-directives.ts";
import type { JobFacts } from "../../contract/jobs/job-facts.ts";
import type { ClaimReply, Lease } from "../../domain/jobs/job-protocol.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import { parseJson } from "../../domain/requests/parse-json.ts";
import { parseRequest } from "../../domain/requests/parse-request.ts";
import { err, type Result } from "../../domain/result.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { isStreamed, type Task, type TaskRequests } from "../../contract/requests.ts";
import { toJobError } from "../../domain/jobs/job-failure.ts";
import type { Release } from "../../domain/config/release.ts";
import type { Defer } from "../../domain/facts/fact.ts";
import type { ReadHeader } from "../../domain/routing/client-headers.ts";
import { resolveRoute, type Route } from "../../domain/routing/catalog.ts";
import type { JobError } from "../../contract/jobs/job-error.ts";
import { showsUsage } from "../../domain/requests/shows-usage.ts";
import type { FairLimiter } from "../../platform/fair-limiter.ts";
import type { InferenceCall } from "../call.ts";
import { askJob, type JobServices } from "./job-services.ts";
import { LEASE_MS, runJob } from "./run-job.ts";
import { tellJob } from "./tell-job.ts";

/** What the runs of one delivery of messages have in common. */
export interface Delivery {
  /** When the platform ends it, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly defer: Defer;
  /** The release under which its jobs are run. */
  readonly release: Release;
  /** Where its calls take turns. */
  readonly inTurn: FairLimiter;
}

/**
 * Runs the job that a message names: claims it, runs its request as a synchronous call is run, and reports to
 * its object. Does nothing for a job that another run has claimed, that is not due or that has ended: its
 * object sends another message when it is to be run again. Throws where the object cannot be reached.
 */
export async function runQueuedJob(services: JobServices, id: string, delivery: Delivery): Promise<void> {
  const claim = await askJob(services, id, (job) => job.claim(LEASE_MS));
  if (claim.kind === "claimed") await run(services, id, claim, delivery);
}

type Claimed = Extract<ClaimReply, { kind: "claimed" }>;

async function run(services: JobServices, id: string, claim: Claimed, delivery: Delivery): Promise<void> {
  const { lease, facts } = claim;
  const body = readRequest(facts.task, claim.request);
  const reject = (error: JobError) => endRejected(services, { id, lease, facts, error }, delivery);
  if (!body.ok) return reject({ code: "rejected", message: toJobError(body.error).message });
  const route = resolveRoute(delivery.release.catalog, facts.model, facts.task);
  if (!route.ok) return reject(toJobError(route.error));
  const startedAt = services.now();
  await runJob(services, {
    id,
    lease,
    policy: facts.policy,
    call: buildJobCall({ id, facts, body: body.value, route: route.value, startedAt }, delivery),
  });
}

interface JobToCall {
  readonly id: string;
  readonly facts: Pick<
    JobFacts,
    "tenant" | "keyId" | "task" | "metadata" | "cacheControl" | "traceparent" | "clientHeaders" | "priority"
  >;
  readonly body: TaskRequests[Task];
  readonly route: Route;
  readonly startedAt: number;
}

/** The call that a job makes by itself. */
export const buildJobCall = (
  { id, facts, body, route, startedAt }: JobToCall,
  { release, deadlineAt, defer, inTurn }: Delivery,
): InferenceCall => ({
  caller: { tenant: facts.tenant, keyId: facts.keyId, scopes: [] },
  release,
  route,
  startedAt,
  task: facts.task,
  body,
  streamed: isStreamed(body),
  showsUsage: showsUsage(route, body),
  directives: parseCacheControl(facts.cacheControl),
  deadline: new Deadline(deadlineAt),
  signal: new AbortController().signal,
  requestId: id,
  metadata: facts.metadata,
  traceparent: facts.traceparent ?? undefined,
  readHeader: readKept(facts.clientHeaders),
  place: () => undefined,
  priority: facts.priority,
  defer,
  outlive: () => undefined,
  time: () => undefined,
  inTurn: inTurn.of({ tenant: facts.tenant, priority: facts.priority }),
});

/** Reads the headers that a job has kept of the request that it was made of. */
export const readKept =
  (kept: JobFacts["clientHeaders"]): ReadHeader =>
  (name) =>
    kept[name] ?? null;

/** Checks a stored request again: it may have been accepted by an older version of the gateway. */
export function readRequest(task: Task, bytes: Uint8Array): Result<TaskRequests[Task], GatewayError> {
  const json = parseJson(new TextDecoder().decode(bytes));
  return json.ok ? parseRequest(task, json.value) : err(json.error);
}

interface Rejected {
  readonly id: string;
  readonly lease: Lease;
  readonly facts: JobFacts;
  readonly error: JobError;
}

/** Ends a job that cannot be run as it is. */
async function endRejected(
  services: JobServices,
  { id, lease, facts, error }: Rejected,
  { defer }: Delivery,
): Promise<void> {
  const failed = {
    error,
    retryable: false,
    retryAfterMs: 0,
    attempts: [],
    usage: null,
    costUsd: null,
  };
  const { epoch, createdAt } = lease;
  const reply = await askJob(services, id, (job) => job.failAttempt(epoch, failed, { createdAt }));
  if (reply.kind !== "recorded") return;
  const { tenant, task, model: route } = facts;
  tellJob(services, { job: id, tenant, task, route, status: reply.status, error: error.code }, defer);
}
