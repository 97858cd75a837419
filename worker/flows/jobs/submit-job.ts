import type { GatewayError } from "../../contract/errors.ts";
import { buildEntry } from "../../domain/jobs/job-entry.ts";
import type { FoundJob, JobPort } from "../../domain/jobs/job-protocol.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { callObject } from "../../platform/call-object.ts";
import { findSeat, takeSeat, type WindowSeat } from "../windows/enter-job-window.ts";
import { askJob, type JobServices } from "./job-services.ts";
import { LEASE_MS, type JobEnd, runJob } from "./run-job.ts";
import type { InferenceOutcome } from "../inference/outcome.ts";
import type { Order } from "./order.ts";

/** How the caller of an order waits. */
export interface OrderWait {
  /** Until when, in milliseconds since the epoch; undefined where not at all. */
  readonly waitUntil: number | undefined;
  /** The caller would read an answer that streams as it comes. */
  readonly live?: boolean;
}

type WaitedOrder = Order & OrderWait;

export interface SubmittedJob {
  readonly id: string;
  /** There was a job with this key already. */
  readonly existing: boolean;
  /** How the job was when it was accepted, or when it was found; absent where it was run here. */
  readonly view?: FoundJob;
  /**
   * The outcome of a job that was run here while the caller waited; it is recorded. A streamed answer that the
   * caller reads as it comes is not complete yet, and is recorded at its end.
   */
  readonly outcome?: Result<InferenceOutcome, GatewayError>;
}

/**
 * How long work may go on after its response was sent or its client left. The platform stops it after 30 s; a
 * run that is given up before that goes to the queue at once, not only when its lease has run out.
 */
const GRACE_MS = 25_000;

/** The version of a job that has only been accepted: its timeline has one entry. */
const FIRST_VERSION = 1;

/** What a job's object takes in one call, with room to spare. */
const MAX_REQUEST_BYTES = 30 * 1024 * 1024;

/**
 * Accepts a job, once per key. Where the caller waits, the job is run here and now under its lease, and
 * the queue is not used unless the run fails, or outlasts the caller by more than the grace.
 */
export async function submitJob(
  services: JobServices,
  order: WaitedOrder,
): Promise<Result<SubmittedJob, GatewayError>> {
  const { key, submission, waitUntil } = order;
  if (submission.request.byteLength > MAX_REQUEST_BYTES) return TOO_LARGE;
  const named = key ? services.jobs.keyed(submission.tenant, key) : services.jobs.fresh(submission.tenant);
  const { id } = named;
  // A stub is good until a call of it fails.
  const open = (attempt: number) => (attempt === 1 ? named.job : services.jobs.find(id)?.job);
  if (waitUntil === undefined) return submitAside(services, order, { id, open });
  const reply = await callObject(open, (job) => job.submitAndClaim(submission, LEASE_MS));
  if (reply.kind === "reused") return REUSED;
  if (reply.kind === "existing") return ok({ id, existing: key !== undefined, view: reply.view });
  const opened = Promise.withResolvers<InferenceOutcome>();
  const run = runInline(services, order, (signal) =>
    runJob(services, {
      id,
      lease: reply.lease,
      policy: submission.policy,
      call: { ...order.call, deadline: new Deadline(reply.lease.completeBy), signal },
      live: order.live === true ? { until: waitUntil, onStream: opened.resolve } : undefined,
    }),
  );
  const end = await Promise.race([run, opened.promise.then(begin)]);
  // Where the job was canceled meanwhile, or its answer is too large, the record differs from this run's
  // result. A failure is answered as it is recorded, so that a repeat of the request gets the same.
  const stands = end?.kind === "recorded" && end.outcome.ok && end.status === "succeeded";
  return ok({ id, existing: false, ...(stands ? { outcome: end.outcome } : {}) });
}

interface OpenJob {
  readonly id: string;
  readonly open: (attempt: number) => JobPort | undefined;
}

/**
 * Accepts a job that the caller does not wait for: it is run in a window's group, or by itself from the
 * queue.
 */
async function submitAside(
  services: JobServices,
  order: Order,
  { id, open }: OpenJob,
): Promise<Result<SubmittedJob, GatewayError>> {
  const { key, submission, call } = order;
  const found = await findSeat(services, order, id);
  const reply = await callObject(open, (job) => job.submit(submission, found?.seat));
  if (reply.kind === "reused") return REUSED;
  // Without a key the job is new: where it exists already, the reply to an earlier try of this call was lost.
  const isOurs = reply.kind === "created" || key === undefined;
  const wanted = found && reply.seat?.window === found.seat.window ? found : undefined;
  const createdAt = Date.parse(reply.view.document.created_at);
  const isSeated = wanted !== undefined && (await enter(services, wanted, { createdAt, isOurs }));
  if (isOurs) {
    if (!isSeated) services.announce(id, call.defer);
    services.listings.add(submission.tenant, buildEntry(reply.view.document, FIRST_VERSION), call.defer);
  }
  return ok({ id, existing: key !== undefined && reply.kind === "existing", view: reply.view });
}

/**
 * Tells the window of a job that is stored already, so that the window never runs one that is not. Where an
 * earlier submission was cut off between the two, this one completes it. A job that is in the window stays
 * there.
 */
async function enter(
  services: JobServices,
  found: WindowSeat,
  { createdAt, isOurs }: { readonly createdAt: number; readonly isOurs: boolean },
): Promise<boolean> {
  if (await takeSeat(services, found, createdAt)) return true;
  if (isOurs) await askJob(services, found.entry.job, (job) => job.release());
  return false;
}

/** A stream that has begun is the caller's answer, even if it breaks later. */
const begin = (outcome: InferenceOutcome): JobEnd => ({
  kind: "recorded",
  status: "succeeded",
  outcome: ok(outcome),
});

const TOO_LARGE = err({ code: "payload_too_large" } as const);
const REUSED = err({ code: "idempotency_key_reused" } as const);

/** Waits for a run as long as the caller does. The run goes on for GRACE_MS after that, and is then stopped. */
async function runInline(
  services: JobServices,
  { call, waitUntil = 0 }: WaitedOrder,
  start: (signal: AbortSignal) => Promise<JobEnd>,
): Promise<JobEnd | undefined> {
  const work = new AbortController();
  const ended = new AbortController();
  const run = start(work.signal).catch((error: unknown) => {
    services.log.warn("job_run_failed", { request: call.requestId, error });
    return undefined;
  });
  const impatience = services.sleep(waitUntil - services.now(), AbortSignal.any([call.signal, ended.signal]));
  call.defer(run.finally(() => ended.abort()));
  call.defer(impatience.then(() => services.sleep(GRACE_MS, ended.signal)).then(() => work.abort()));
  return Promise.race([run, impatience.then(() => undefined)]);
}
