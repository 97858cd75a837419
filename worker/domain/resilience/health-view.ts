/** What names a target: two routes that have the same one share what is known of it. */
export interface NamedTarget {
  readonly provider: string;
  readonly model: string;
  readonly region?: string | undefined;
  /** What is refused in one tier may be taken in another. */
  readonly serviceTier?: string | undefined;
}

/** How long a target takes, in milliseconds. */
export interface TargetLatency {
  /** The peak-sensitive moving average: it rises at once with a slow answer, and falls slowly. */
  readonly ewmaMs: number;
  /** 95 of 100 answers of late took at most so long. */
  readonly p95Ms: number;
  /** How many answers it is made of, old ones counting for less. */
  readonly samples: number;
}

/** What a plan may know of how targets are. Times are milliseconds since the epoch. */
export interface HealthView {
  /** How long until the target may be called again, in milliseconds; undefined where it may be now. */
  waitMs(target: NamedTarget, now: number): number | undefined;
  /** How long it takes to the first token of a stream, or to a whole answer; undefined where nothing is known. */
  latency(target: NamedTarget, form: "stream" | "whole", now: number): TargetLatency | undefined;
}
