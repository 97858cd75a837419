import { type GatewayError, isRetryable } from "../../contract/errors.ts";
import type { Defer } from "../../domain/facts/fact.ts";
import { retryDelayMs, toJobError } from "../../domain/jobs/job-failure.ts";
import type { FailedRun, JobAnswer } from "../../domain/jobs/job-protocol.ts";
import type { Limiter } from "../../platform/limiter.ts";
import { askJob, type JobServices } from "../jobs/job-services.ts";
import { tellJob } from "../jobs/tell-job.ts";
import type { GroupRun, MemberAnswer, MemberEnd } from "./group-run.ts";

/** Which jobs of a group are to be run again; all others have ended, or another run has them. */
export interface Told {
  readonly retry: readonly string[];
  /** When the last of them may be run again. */
  readonly retryAt: number;
  /** Their objects could not be reached. */
  readonly untold: readonly string[];
}

interface Telling {
  /** Where the objects are asked in turn. */
  readonly inTurn: Limiter;
  readonly defer: Defer;
}

/**
 * Reports each job's result to its object, several at once; a failure of one does not affect the others. The
 * object decides whether its job is run again. All jobs that are wait equally long, so that they stay together.
 */
export async function tellJobs(
  services: JobServices,
  group: GroupRun,
  ends: readonly MemberEnd[],
  { inTurn, defer }: Telling,
): Promise<Told> {
  const roll = services.random();
  const { task, route } = group.spec;
  const retry: string[] = [];
  const untold: string[] = [];
  let retryAt = 0;
  const tell = async (end: MemberEnd): Promise<void> => {
    const { id, job: jobId, tenant, createdAt } = end.entry;
    const seat = { window: group.window, createdAt };
    const { run } = group;
    try {
      const reply = await askJob(services, jobId, (job) =>
        end.outcome.ok
          ? job.complete(run, buildAnswer(end, end.outcome.value), seat)
          : job.failAttempt(run, buildFailure(end, end.outcome.error, { run, roll }), seat),
      );
      if (reply.kind === "refused") return;
      const { outcome } = end;
      const error = outcome.ok ? null : toJobError(outcome.error).code;
      const status = reply.kind === "retry" ? "retrying" : reply.status;
      tellJob(services, { job: jobId, tenant, task, route, status, error }, defer);
      if (reply.kind !== "retry") return;
      retry.push(id);
      retryAt = Math.max(retryAt, reply.retryAt);
    } catch (error) {
      services.log.warn("job_not_told", { job: jobId, error });
      untold.push(id);
    }
  };
  await Promise.all(ends.map((end) => inTurn(() => tell(end))));
  return { retry, retryAt, untold };
}

const buildAnswer = ({ attempts, window }: MemberEnd, answer: MemberAnswer): JobAnswer => ({
  attempts,
  window,
  usage: answer.usage,
  costUsd: answer.costUsd ?? null,
  contentType: "application/json",
  output: answer.bytes,
  cache: answer.cache,
});

const buildFailure = (
  { attempts, window }: MemberEnd,
  error: GatewayError,
  { run, roll }: { readonly run: number; readonly roll: number },
): FailedRun => ({
  attempts,
  window,
  usage: null,
  costUsd: null,
  error: toJobError(error),
  retryable: isRetryable(error),
  retryAfterMs: retryDelayMs(error, run, roll),
});
