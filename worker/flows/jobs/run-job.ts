import type { GatewayError } from "../../contract/errors.ts";
import type { JobPolicy } from "../../contract/jobs/job-facts.ts";
import type { JobStatus } from "../../contract/jobs/job-status.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import { type DescribedFailure, describeFailure, fromJobError } from "../../domain/jobs/job-failure.ts";
import { knownCost } from "../../domain/money/settle.ts";
import type { FailedRun, JobLife, Lease } from "../../domain/jobs/job-protocol.ts";
import type { JobFact } from "../../domain/facts/fact.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { collectAnswer } from "./collect-answer.ts";
import { collectStream, type LiveReader, STREAM_TYPE } from "./collect-stream.ts";
import type { InferenceCall } from "../call.ts";
import { askJob, type JobServices } from "./job-services.ts";
import { keepOutput } from "../inference/kept-items.ts";
import { costOf, type InferenceOutcome, savedOf } from "../inference/outcome.ts";
import { runInference } from "../inference/run-inference.ts";
import { tellJob } from "./tell-job.ts";

/**
 * How long a run keeps its lease without extending it; after that another run may begin. Not shorter than the
 * time after which an unclaimed job is sent again, so that the alarm set for that need not be moved.
 */
export const LEASE_MS = 30_000;

/** The right to run a job, and what is to be run. */
export interface JobRun {
  readonly id: string;
  readonly lease: Lease;
  readonly policy: Pick<JobPolicy, "onUnknownOutcome">;
  /** Its signal gives the run up: the job goes back to the queue, or ends where its route never repeats. */
  readonly call: InferenceCall;
  readonly live?: LiveReader | undefined;
}

/** A run under way. */
interface ActiveRun extends JobRun {
  /** Ends it when its answer is no longer wanted. */
  readonly stop: () => void;
}

export type JobEnd =
  /** The job has its outcome; with the answer or the failure of this run. */
  | {
      readonly kind: "recorded";
      readonly status: JobStatus;
      readonly outcome: Result<InferenceOutcome, GatewayError>;
    }
  | { readonly kind: "retry"; readonly retryAt: number }
  /** Another run has the lease, or the job has ended: the result of this run is dropped. */
  | { readonly kind: "refused" };

/**
 * Runs a leased job by the same flow as a synchronous call, and reports what came of it; extends the
 * lease while it lasts, and stops where the answer is no longer wanted. Throws where the job's object
 * cannot be reached: then the lease runs out.
 */
export async function runJob(services: JobServices, run: JobRun): Promise<JobEnd> {
  const work = new AbortController();
  const stop = () => work.abort();
  const keeper = setInterval(() => void extend(services, run, stop), LEASE_MS / 3);
  run.call.signal.addEventListener("abort", stop);
  if (run.call.signal.aborted) stop();
  const deadline = new Deadline(Math.min(run.call.deadline.at, run.lease.completeBy));
  try {
    // The job's id, the same at every attempt.
    const call = {
      ...run.call,
      signal: work.signal,
      deadline,
      idempotencyKey: run.id,
      mayPipe: false,
      brokeAt: run.lease.brokeAt,
      run: { isRepeat: run.lease.tries > 1 },
    };
    const outcome = await runInference(services, call);
    if (outcome.ok) return await reportAnswer(services, { ...run, stop }, outcome.value);
    return await reportFailure(services, run, outcome.error.tries ?? [], outcome.error);
  } finally {
    clearInterval(keeper);
    run.call.signal.removeEventListener("abort", stop);
  }
}

const lifeOf = ({ createdAt }: Lease): JobLife => ({ createdAt });

async function extend(services: JobServices, { id, lease }: JobRun, stop: () => void): Promise<void> {
  try {
    const reply = await askJob(services, id, (job) => job.extend(lease.epoch, LEASE_MS, lifeOf(lease)));
    if (reply.kind === "refused" || reply.canceling) stop();
  } catch (error) {
    services.log.warn("lease_not_extended", { job: id, error });
  }
}

async function reportAnswer(
  services: JobServices,
  run: ActiveRun,
  outcome: InferenceOutcome,
): Promise<JobEnd> {
  const { body } = outcome;
  const answer = await (body.form === "events"
    ? collectStream(services, run, outcome, body)
    : collectAnswer(body));
  if (!answer.ok) {
    const { error } = answer;
    const code = error === "too_large" ? TOO_LARGE.error.code : error.code;
    return reportFailure(services, run, closeAttempts(outcome.attempts, services.now(), code), error);
  }
  const { bytes: output, contentType, settlement } = answer.value;
  const report = {
    attempts: closeAttempts(outcome.attempts, services.now(), null),
    contentType,
    output,
    usage: settlement.estimated ? null : settlement.usage,
    costUsd: costOf(outcome) ?? knownCost(settlement) ?? null,
    savedUsd: savedOf(outcome, settlement),
    window: body.form === "json" && body.window ? { id: body.window.id, size: body.window.size } : undefined,
    cache: outcome.cache.kind === "hit" ? ("hit" as const) : ("miss" as const),
  };
  const reply = await askJob(services, run.id, (job) =>
    job.complete(run.lease.epoch, report, lifeOf(run.lease)),
  );
  if (reply.kind === "refused") return { kind: "refused" };
  keepOutput(services, run.call, output);
  tell(services, run, { status: reply.status, error: null });
  return {
    kind: "recorded",
    status: reply.status,
    outcome: ok({ ...outcome, body: reopen(outcome, output) }),
  };
}

function tell(services: JobServices, { id, call }: JobRun, how: Pick<JobFact, "status" | "error">): void {
  const { caller, task, route, defer } = call;
  tellJob(services, { job: id, tenant: caller.tenant, task, route: route.name, ...how }, defer);
}

/** A run's attempts after its answer was read; the last one gets the time and the error of its end. */
function closeAttempts(
  attempts: readonly AttemptReport[],
  endedAt: number,
  error: string | null,
): readonly AttemptReport[] {
  const last = attempts.at(-1);
  return last ? [...attempts.slice(0, -1), { ...last, endedAt, error }] : attempts;
}

/** The body of an answer that has been read already, so that it can be read again. */
function reopen({ body }: InferenceOutcome, bytes: Uint8Array): InferenceOutcome["body"] {
  if (body.form === "json") return body;
  const contentType = body.form === "raw" ? body.contentType : STREAM_TYPE;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return { form: "raw", contentType, stream, settlement: body.settlement };
}

async function reportFailure(
  services: JobServices,
  run: JobRun,
  attempts: readonly AttemptReport[],
  error: GatewayError | "too_large",
): Promise<JobEnd> {
  const { id, lease } = run;
  const described = error === "too_large" ? TOO_LARGE : describe(services, run, error);
  const failed: FailedRun = { ...described, attempts, usage: null, costUsd: null };
  const reply = await askJob(services, id, (job) => job.failAttempt(lease.epoch, failed, lifeOf(lease)));
  if (reply.kind === "refused") return { kind: "refused" };
  const status = reply.kind === "retry" ? "retrying" : reply.status;
  tell(services, run, { status, error: described.error.code });
  if (reply.kind === "retry") return reply;
  const told = error === "too_large" ? fromJobError(TOO_LARGE.error) : error;
  return { kind: "recorded", status: reply.status, outcome: err(told) };
}

/** Not retryable: the answer of another run would be as large. */
const TOO_LARGE: DescribedFailure = {
  error: { code: "output_too_large", message: "The answer is larger than a job keeps." },
  retryable: false,
  retryAfterMs: 0,
};

function describe({ now, random }: JobServices, run: JobRun, error: GatewayError): DescribedFailure {
  if (error.code === "client_closed") return giveUp(run);
  const { tries, completeBy } = run.lease;
  return describeFailure(error, { tries, roll: random(), leftMs: completeBy - now() });
}

/** The failure of a run that was stopped: the provider may have been called, and its answer is unknown. */
function giveUp({ policy }: JobRun): DescribedFailure {
  const message = "The run was given up before the provider answered.";
  const code =
    policy.onUnknownOutcome === "repeat" ? ("client_closed" as const) : ("outcome_unknown" as const);
  return { error: { code, message }, retryable: code === "client_closed", retryAfterMs: 0 };
}
