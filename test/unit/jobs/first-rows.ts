/** Rows of a job as the first versions of its store wrote them, of one that was accepted at `at`. */

const bytes = (text: string) => new TextEncoder().encode(text);
const request = { kind: "inline", bytes: bytes('{"model":"embed","input":"x"}') };

const facts = {
  tenant: "acme",
  task: "embeddings",
  model: "embed",
  fingerprint: "f1",
  priority: "normal",
  policy: {
    maxAttempts: 3,
    startWithinMs: null,
    completeWithinMs: 3_600_000,
    retainMs: 86_400_000,
    onUnknownOutcome: "repeat",
  },
  metadata: { user: "42" },
  webhook: null,
  retryOf: null,
  cacheControl: null,
  traceparent: null,
};

/** A job in a window that has not run it. */
export const waitingRow = (at: number, window: string) => ({
  version: 1,
  state: {
    status: "queued",
    job: {
      facts,
      createdAt: at,
      startBy: null,
      completeBy: at + 3_600_000,
      startedAt: null,
      epoch: 0,
      attempts: [],
      timeline: [{ seq: 1, at, type: "job.queued" }],
      usage: null,
      costUsd: null,
    },
    notBefore: at,
    resendAt: at + 3_660_000,
    resends: 0,
    batching: window,
  },
  bodies: { request },
});

/** One whose window has run it once, and is to run it again. */
export const retryingRow = (at: number, window: string) => ({
  version: 1,
  state: {
    status: "queued",
    job: {
      facts,
      createdAt: at,
      startBy: null,
      completeBy: at + 3_600_000,
      startedAt: at + 10,
      epoch: 1,
      attempts: [
        {
          target: "targets[0]=primary/big",
          startedAt: at + 10,
          endedAt: at + 20,
          status: 503,
          error: "upstream_error",
        },
      ],
      timeline: [
        { seq: 1, at, type: "job.queued" },
        { seq: 2, at: at + 10, type: "job.started", epoch: 1 },
        { seq: 3, at: at + 1000, type: "job.retrying", retryAt: at + 2000, error: "upstream_error" },
      ],
      usage: null,
      costUsd: null,
      batch: { id: "abababab-1", size: 3 },
    },
    notBefore: at + 2000,
    resendAt: at + 3_602_000,
    resends: 0,
    batching: window,
  },
  bodies: { request },
});

/** The same as the second version wrote it, after a run that was lost. */
export function secondRow(at: number, window: string) {
  const { state, bodies } = retryingRow(at, window);
  const { batching: _, job, ...queued } = state;
  const { batch, ...others } = job;
  const named = { ...facts, keyId: "0123456789abcdef", release: "r1" };
  return {
    version: 2,
    state: { ...queued, job: { ...others, facts: named, epoch: 2, window: batch }, seat: { window } },
    bodies,
  };
}

/** One that has its answer. */
export const succeededRow = (at: number) => ({
  version: 1,
  state: {
    status: "succeeded",
    output: { contentType: "application/json", sizeBytes: 27 },
    cache: "miss",
    job: {
      facts,
      createdAt: at,
      startBy: null,
      completeBy: at + 3_600_000,
      startedAt: at + 10,
      epoch: 1,
      attempts: [
        {
          target: "targets[0]=primary/big",
          startedAt: at + 10,
          endedAt: at + 20,
          status: 200,
          error: null,
        },
      ],
      timeline: [
        { seq: 1, at, type: "job.queued" },
        { seq: 2, at: at + 10, type: "job.started", epoch: 1 },
        { seq: 3, at: at + 1000, type: "job.succeeded" },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
      costUsd: 0.25,
      batch: { id: "abababab-1", size: 3 },
    },
    endedAt: at + 1000,
    notice: null,
  },
  bodies: { request, output: { kind: "inline", bytes: bytes('{"object":"list","data":[]}') } },
});
