import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import type { InferenceCall } from "../call.ts";
import type { InferenceOutcome } from "../inference/run-inference.ts";
import type { Services } from "../services.ts";

/** A run's calls, seen from outside: the flow that makes them knows nothing of jobs. */
export interface WatchedRun {
  /** To run with: every provider gets the job's id as its idempotency key, at every attempt the same. */
  readonly services: Services;
  /** To be told of each call that failed. */
  readonly onFailedAttempt: NonNullable<InferenceCall["onFailedAttempt"]>;
  /** What was tried; with an outcome, the target that answered stands last, with what its answer broke on. */
  report(outcome: InferenceOutcome | undefined, error?: string | null): readonly AttemptReport[];
}

export function watchAttempts(services: Services, jobId: string): WatchedRun {
  const failed: AttemptReport[] = [];
  let startedAt = services.now();
  const end = (attempt: Pick<AttemptReport, "target" | "status" | "error">): AttemptReport => {
    const endedAt = services.now();
    const report = { ...attempt, startedAt, endedAt };
    startedAt = endedAt;
    return report;
  };
  return {
    services: addIdempotencyKey(services, jobId),
    onFailedAttempt(target, { status = null, error }) {
      failed.push(end({ target, status, error: error.code }));
    },
    report(outcome, error = null) {
      if (!outcome || outcome.attempts === 0) return failed;
      return [...failed, end({ target: outcome.target, status: 200, error })];
    },
  };
}

/** Tells providers the key with each call. */
export const addIdempotencyKey = (services: Services, key: string): Services => ({
  ...services,
  callProvider(call) {
    const headers = { ...call.request.headers, "idempotency-key": key };
    return services.callProvider({ ...call, request: { ...call.request, headers } });
  },
});
