import type { JobFacts } from "../../worker/contract/jobs/job-facts.ts";
import type { Submission } from "../../worker/domain/jobs/job-protocol.ts";
import type { Job, QueuedJob } from "./job-record.ts";
import { awaitMessage } from "../resend.ts";
import { note } from "./job-rules.ts";

/** A longer Cache-Control header is cut off. */
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
    postponed: 0,
    attemptsLeftOut: 0,
    attempts: [],
    timeline: [],
    usage: null,
    costUsd: null,
  };
  const accepted = note(job, { at: now, type: "job.queued" });
  return { status: "queued", job: accepted, notBefore: now, ...awaitMessage(now) };
}

/** All of a submission but the body, which is stored beside the state. */
function factsOf(submission: Submission): JobFacts {
  const { request: _, ...facts } = submission;
  return { ...facts, cacheControl: facts.cacheControl?.slice(0, MAX_CACHE_CONTROL) ?? null };
}
