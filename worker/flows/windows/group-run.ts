import type { GatewayError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/responses.ts";
import type { AttemptReport, WindowReference } from "../../contract/jobs/run-report.ts";
import type { Result } from "../../domain/result.ts";
import type { ClaimedGroup, JobWindowEntry } from "../../domain/windows/job-window-protocol.ts";
import type { InferenceCall } from "../call.ts";

/** Jobs that run together, under this run's lease. */
export interface GroupRun extends ClaimedGroup {
  /** The id of the window's object. */
  readonly window: string;
}

/** One job of a group, and the call that it would make alone. */
export interface Member {
  readonly entry: JobWindowEntry;
  /** A failure where its request can no longer be read, or its route is gone. */
  readonly call: Result<InferenceCall, GatewayError>;
}

export interface MemberAnswer {
  readonly bytes: Uint8Array;
  /** As the provider told it. */
  readonly usage: Usage | null;
  readonly costUsd: number | undefined;
  readonly cache: "hit" | "miss";
}

/** The result of a run for one job. */
export interface MemberEnd {
  readonly entry: JobWindowEntry;
  readonly attempts: readonly AttemptReport[];
  /** The last call that was made for it. */
  readonly window: WindowReference | undefined;
  readonly outcome: Result<MemberAnswer, GatewayError>;
}
