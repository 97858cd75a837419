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
  /** Answers other than 2xx, and connections that broke. */
  readonly failures: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
}
