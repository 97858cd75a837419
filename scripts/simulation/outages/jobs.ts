import type { JobAnswer, Submission } from "../../../worker/domain/jobs/job-protocol.ts";

/** The one target of all simulated jobs. */
export const TARGET = { provider: "upstream", model: "model" };

/** A job that has so long to complete, on a route that says nothing of attempts. */
export const submissionOf = (completeWithinMs: number): Submission => ({
  tenant: "simulated",
  keyId: "",
  release: "",
  task: "embeddings",
  model: "embed",
  fingerprint: "",
  priority: "normal",
  policy: {
    maxAttempts: null,
    startWithinMs: null,
    completeWithinMs,
    retainMs: 86_400_000,
    onUnknownOutcome: "repeat",
  },
  metadata: {},
  webhook: null,
  retryOf: null,
  cacheControl: null,
  traceparent: null,
  clientHeaders: {},
  request: new Uint8Array(),
});

export const answered: JobAnswer = {
  attempts: [],
  usage: null,
  costUsd: null,
  contentType: "application/json",
  output: new Uint8Array(),
  cache: "miss",
};
