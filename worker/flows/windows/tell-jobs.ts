import type { GatewayError } from "../../contract/errors.ts";
import type { Defer } from "../../domain/facts/fact.ts";
import { describeFailure, toJobError } from "../../domain/jobs/job-failure.ts";
import type { FailedRun, JobAnswer } from "../../domain/jobs/job-protocol.ts";
import type { MemberAgain } from "../../domain/windows/group-again.ts";
import type { Limiter } from "../../platform/limiter.ts";
import { askJob, type JobServices } from "../jobs/job-services.ts";
import { tellJob } from "../jobs/tell-job.ts";
import type { GroupRun, MemberAnswer, MemberEnd } from "./group-run.ts";

/** Which jobs of a group are to be run again; all others have ended, or another run has them. */
export interface Told {
  readonly retry: readonly MemberAgain[];
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
 * object decides whether its job is run again. All jobs that are wait equally long, as far as each has the time,
 * so that they stay together.
 */
export async function tellJobs(
  services: JobServices,
  group: GroupRun,
  ends: readonly MemberEnd[],
  { inTurn, defer }: Telling,
): Promise<Told> {
  const how = { tries: group.tries, roll: services.random(), endedAt: services.now() };
  const { task, route } = group.spec;
  const retry: MemberAgain[] = [];
  const untold: string[] = [];
  const tell = async (end: MemberEnd): Promise<void> => {
    const { id, job: jobId, tenant, createdAt } = end.entry;
    const seat = { window: group.window, createdAt };
    const { run } = group;
    const { outcome } = end;
    try {
      const reply = await askJob(services, jobId, (job) =>
        outcome.ok
          ? job.complete(run, buildAnswer(end, outcome.value), seat)
          : job.failAttempt(run, buildFailure(end, outcome.error, how), seat),
      );
      if (reply.kind === "refused") return;
      const error = outcome.ok ? null : toJobError(outcome.error).code;
      const status = reply.kind === "retry" ? "retrying" : reply.status;
      tellJob(services, { job: jobId, tenant, task, route, status, error }, defer);
      if (outcome.ok || reply.kind !== "retry") return;
      const { retryAfterMs: waitMs, postponed = false } = buildFailure(end, outcome.error, how);
      retry.push({ id, waitMs, retryAt: reply.retryAt, postponed });
    } catch (error) {
      services.log.warn("job_not_told", { job: jobId, error });
      untold.push(id);
    }
  };
  await Promise.all(ends.map((end) => inTurn(() => tell(end))));
  return { retry, untold };
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

interface FailedGroup {
  readonly tries: number;
  readonly roll: number;
  readonly endedAt: number;
}

const buildFailure = (
  { attempts, window, entry }: MemberEnd,
  error: GatewayError,
  { tries, roll, endedAt }: FailedGroup,
): FailedRun => ({
  attempts,
  window,
  usage: null,
  costUsd: null,
  ...describeFailure(error, { tries, roll, leftMs: entry.completeBy - endedAt }),
});
