import { percentile } from "../../bench/report/percentile.ts";
import type { Run, Scenario } from "./simulate.ts";

export interface Measurement {
  /** Answers within the deadline, a second. */
  readonly inTimePerSecond: number;
  /** Of all that came, the share answered within the deadline. */
  readonly inTimeShare: number;
  /** Of all that came, the share that got no answer: refused on arrival, or expired before a call. */
  readonly refusedShare: number;
  /** From arrival to answer, of those that got one; NaN where none did. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly meanGroup: number;
  /** Upstream calls for every 1,000 items they carried. */
  readonly callsPer1000: number;
}

/** The first requests are left out: they come to an empty queue and a window that has learnt nothing yet. */
const WARM_UP = 0.1;

/** The results of a run, without its warm-up. */
export function measure({ arrivals, deadlineMs }: Scenario, { answeredAt, calls }: Run): Measurement {
  const first = Math.floor(arrivals.length * WARM_UP);
  const startAt = arrivals[first] ?? 0;
  const seconds = ((arrivals.at(-1) ?? 0) - startAt) / 1000;
  const latencies = arrivals
    .map((arrivedAt, index) => (answeredAt[index] ?? Number.NaN) - arrivedAt)
    .filter((ms, index) => index >= first && !Number.isNaN(ms));
  const inTime = latencies.filter((ms) => ms <= deadlineMs).length;
  const counted = calls.filter((call) => call.startedAt >= startAt);
  const items = counted.reduce((sum, call) => sum + call.items, 0);
  const came = arrivals.length - first;
  return {
    inTimePerSecond: inTime / seconds,
    inTimeShare: inTime / came,
    refusedShare: 1 - latencies.length / came,
    medianMs: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    meanGroup: items / counted.length,
    callsPer1000: (counted.length / items) * 1000,
  };
}
