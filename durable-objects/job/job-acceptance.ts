import type { Submission } from "../../worker/domain/jobs/job-protocol.ts";
import type { Job, QueuedJob } from "./job-record.ts";
import { note, RESEND_AFTER_MS } from "./job-rules.ts";

/** A header of a few directives; what is longer is no longer read to its end. */
const MAX_CACHE_CONTROL = 1000;

/** A job as it is when it has been accepted; pure. */
export function accept(submission: Submission, now: number): QueuedJob {
  const { startWithinMs, completeWithinMs } = submission.policy;
  const job: Job = {
    facts: factsOf(submission),
    createdAt: now,
    startBy: startWithinMs === null ? null : now + startWithinMs,
    completeBy: now + completeWithinMs,
    startedAt: null,
    epoch: 0,
    attempts: [],
    timeline: [],
    usage: null,
    costUsd: null,
  };
  const accepted = note(job, { at: now, type: "job.queued" });
  return { status: "queued", job: accepted, notBefore: now, resendAt: now + RESEND_AFTER_MS, resends: 0 };
}

/** All but the body, which is stored beside the state. */
const factsOf = (submission: Submission): Job["facts"] => ({
  tenant: submission.tenant,
  keyId: submission.keyId,
  release: submission.release,
  task: submission.task,
  model: submission.model,
  fingerprint: submission.fingerprint,
  priority: submission.priority,
  policy: submission.policy,
  metadata: { ...submission.metadata },
  webhook: submission.webhook && { url: submission.webhook.url, events: [...submission.webhook.events] },
  retryOf: submission.retryOf,
  cacheControl: submission.cacheControl?.slice(0, MAX_CACHE_CONTROL) ?? null,
  traceparent: submission.traceparent,
});
