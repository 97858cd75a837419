import type { FailedRun, JobAnswer, Submission } from "../../../worker/domain/jobs/job-protocol.ts";

/** Events of a job's life, each with what a test may want otherwise. */

export const TENANT = "acme";
const bytes = (text: string) => new TextEncoder().encode(text);

export const submission = (changes: Partial<Submission> = {}): Submission => ({
  tenant: TENANT,
  keyId: "0123456789abcdef",
  release: "r1",
  task: "embeddings",
  model: "embed",
  fingerprint: "f1",
  priority: "normal",
  policy: policy(),
  metadata: { user: "42" },
  webhook: null,
  retryOf: null,
  cacheControl: null,
  traceparent: null,
  clientHeaders: {},
  request: bytes('{"model":"embed","input":"x"}'),
  ...changes,
});

export const policy = (changes: Partial<Submission["policy"]> = {}): Submission["policy"] => ({
  maxAttempts: 3,
  startWithinMs: null,
  completeWithinMs: 3_600_000,
  retainMs: 86_400_000,
  onUnknownOutcome: "repeat",
  ...changes,
});

const attempt = { target: "targets[0]=primary/big", startedAt: 10, endedAt: 20 };

export const answer = (changes: Partial<JobAnswer> = {}): JobAnswer => ({
  attempts: [{ ...attempt, status: 200, error: null }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
  costUsd: 0.25,
  contentType: "application/json",
  output: bytes('{"object":"list","data":[]}'),
  cache: "miss",
  ...changes,
});

export const failedRun = (changes: Partial<FailedRun> = {}): FailedRun => ({
  attempts: [{ ...attempt, status: 503, error: "upstream_error" }],
  usage: null,
  costUsd: null,
  error: { code: "upstream_error", message: "The provider failed." },
  retryable: true,
  retryAfterMs: 1000,
  ...changes,
});
