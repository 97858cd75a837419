/** One run of load, as the process that makes it is told. */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where it holds `{n}`, every request gets a number of its own there. */
  readonly body: string;
  /** The number of the first request. */
  readonly from: number;
  readonly connections: number;
  /** How many requests to make; all of them are answered when the run ends. */
  readonly requests: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

/** Requests that come when they come, whether or not the ones before are answered (an open loop). */
export interface ArrivalsOrder {
  readonly url: string;
  /** Where a value or the body holds `{n}`, every request gets a number of its own there. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly from: number;
  /** The mean: the times between two are drawn anew, as those of callers who don't know of each other. */
  readonly ratePerSecond: number;
  readonly requests: number;
}

export interface Arrival {
  /** When the request was due, whenever it was sent: milliseconds since the epoch. */
  readonly dueAt: number;
  /** When all of its answer was there. */
  readonly answeredAt: number;
  /** 0 where there was no answer. */
  readonly status: number;
  /** The path that the answer names as where to look. */
  readonly location: string | null;
}

export interface ArrivalsReport {
  readonly arrivals: readonly Arrival[];
  /** By how many milliseconds the slowest request was sent late: more than a few, and it is not open. */
  readonly worstDelayMs: number;
}
