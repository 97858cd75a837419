import type { JobDocument } from "../../worker/contract/jobs/job-document.ts";
import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import type { NoticeReply } from "../../worker/domain/webhooks/job-notice.ts";
import { buildNoticePayload } from "../../worker/domain/webhooks/webhook-payload.ts";
import type { JobState } from "./job-record.ts";
import { isDue, retainUntil } from "./job-rules.ts";

/** The wire form of an accepted job, without its output, which is bytes already and may be large. Pure. */
export function describeJob(id: string, state: Exclude<JobState, { status: "absent" }>): JobDocument {
  const { job } = state;
  const { facts } = job;
  const self = `/v1/jobs/${id}`;
  const ended = isEnded(state) ? state : undefined;
  const expiresAt = ended ? retainUntil(ended) : job.completeBy + facts.policy.retainMs;
  return {
    id,
    object: "job",
    task: facts.task,
    status: state.status,
    model: facts.model,
    created_at: write(job.createdAt),
    started_at: job.startedAt === null ? null : write(job.startedAt),
    ended_at: ended ? write(ended.endedAt) : null,
    expires_at: write(expiresAt),
    attempts: job.attempts.map((attempt, index) => ({
      n: job.attemptsLeftOut + index + 1,
      target: attempt.target,
      started_at: write(attempt.startedAt),
      ended_at: write(attempt.endedAt),
      status: attempt.status,
      error: attempt.error,
    })),
    progress: describeProgress(state),
    next_attempt_at: state.status === "queued" && job.epoch > 0 ? write(state.notBefore) : null,
    output: null,
    error: state.status === "failed" || state.status === "expired" ? state.error : null,
    usage: job.usage,
    cost_usd: job.costUsd,
    saved_usd: job.savedUsd ?? null,
    cache: state.status === "succeeded" ? state.cache : null,
    window: job.window ?? null,
    retry_of: facts.retryOf,
    metadata: facts.metadata,
    urls: { self, events: `${self}/events`, output: `${self}/output`, cancel: `${self}/cancel` },
  };
}

/** The notice that is still to be delivered to the job's webhook. Pure. */
export function describeNotice(id: string, state: JobState, now: number): NoticeReply {
  if (!isEnded(state) || state.notice?.status !== "pending") return { kind: "none" };
  if (!isDue(state.notice, now)) return { kind: "none" };
  const { webhook, tenant } = state.job.facts;
  const payload = buildNoticePayload(describeJob(id, state));
  if (webhook === null || payload === undefined) return { kind: "none" };
  const { attempt } = state.notice;
  return { kind: "due", tenant, url: webhook.url, attempt, createdAt: state.endedAt, payload };
}

const write = (time: number) => new Date(time).toISOString();

function describeProgress(state: JobState): JobDocument["progress"] {
  if (state.status === "queued" && state.job.epoch > 0) return at("retrying");
  if (state.status === "queued") return at(state.seat === undefined ? "queued" : "gathering");
  if (state.status === "in_progress") return at(state.cancelRequestedAt === null ? "running" : "canceling");
  return null;
}

const at = (phase: NonNullable<JobDocument["progress"]>["phase"]) => ({ phase, position: null });
