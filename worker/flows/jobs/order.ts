import type { IdempotencyKey } from "../../domain/jobs/job-id.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import type { InferenceCall } from "../call.ts";

/** A request that is to become a job. It has been checked: no later step refuses it as invalid. */
export interface Order {
  readonly submission: Submission;
  /** Absent where the job is a new one, whatever else was submitted. */
  readonly key: IdempotencyKey | undefined;
  /** Its signal aborts when the caller leaves; the job goes on. */
  readonly call: InferenceCall;
}
