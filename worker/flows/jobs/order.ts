import type { IdempotencyKey } from "../../domain/jobs/job-id.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import type { InferenceCall } from "../call.ts";

/** A request that is to be a job, checked: nothing that follows refuses it for what it says. */
export interface Order {
  readonly submission: Submission;
  /** Absent: a job of its own, whatever else was submitted. */
  readonly key: IdempotencyKey | undefined;
  /** Its signal aborts when the caller leaves; the job goes on. */
  readonly call: InferenceCall;
}
