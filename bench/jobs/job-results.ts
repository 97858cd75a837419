import type { JobTiming, Times } from "./measure-jobs.ts";
import type { PlatformUse } from "./platform-cost.ts";

/** What a job costs: CPU time, waiting, and money. */
export interface JobResults {
  /** When they were measured, which may be after the rest was. */
  readonly date: string;
  readonly timings: readonly JobTiming[];
  readonly gathered: GatheredTiming;
  readonly costs: readonly CostRow[];
}

/** Jobs of a queue that waits for more before it delivers. */
export interface GatheredTiming {
  readonly ratePerSecond: number;
  readonly batchTimeoutMs: number;
  readonly ended: Times;
  /** Of the median, in milliseconds. */
  readonly goalMs: number;
}

export interface CostRow {
  readonly what: string;
  /** Absent where it is the same at any rate. */
  readonly ratePerSecond?: number;
  /** Of one job. */
  readonly use: PlatformUse;
  /** For a million of them. */
  readonly costUsd: number;
  readonly goalUsd?: number;
}
