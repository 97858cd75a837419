import type { TargetLatency } from "./health-view.ts";

/**
 * The time constant of the average: what was heard so long ago counts for a third. While nothing is heard it falls
 * by the same, so that a target that was slow is asked again.
 */
const TAU_MS = 60_000;
const IDLE_TAU_MS = 3_600_000;
/** Buckets of the histogram, each 15% wider than the one before: from 5 ms to 20 minutes. */
const MIN_MS = 5;
const STEP = 1.15;
const BUCKETS = 90;
/** All that was counted is halved when it is so much, and when so much time has passed. */
const MAX_COUNT = 512;
const HALVE_MS = 600_000;

/**
 * How long a target takes, learnt from its answers of late. The average is Finagle's peak EWMA
 * (com.twitter.finagle.loadbalancer.PeakEwma): a slow answer raises it at once, and it falls slowly. The percentile
 * comes of a histogram in which old answers count for less. Bounded: 0.5 KB. Times are milliseconds.
 */
export class Latency {
  #averageMs = 0;
  #heardAt = 0;
  readonly #counts = new Float32Array(BUCKETS);
  #total = 0;
  #halvedAt = 0;
  #p95Ms = 0;

  /** An answer took so long. */
  observe(tookMs: number, now: number): void {
    const ms = Math.max(tookMs, MIN_MS);
    const weight = Math.exp((this.#heardAt - now) / TAU_MS);
    this.#averageMs = ms > this.#averageMs ? ms : this.#averageMs * weight + ms * (1 - weight);
    this.#heardAt = now;
    this.#count(ms, now);
  }

  /** A call was given up after so long, before its answer: it would have taken longer. */
  observeUnanswered(waitedMs: number, now: number): void {
    if (waitedMs >= this.#averageMs) this.observe(waitedMs, now);
  }

  /** Undefined before the first answer. */
  read(now: number): TargetLatency | undefined {
    if (this.#total === 0) return undefined;
    this.#p95Ms ||= this.#percentile(0.95);
    return {
      ewmaMs: this.#averageMs * Math.exp((this.#heardAt - now) / IDLE_TAU_MS),
      p95Ms: this.#p95Ms,
      samples: this.#total,
    };
  }

  #count(ms: number, now: number): void {
    if (this.#total >= MAX_COUNT || now >= this.#halvedAt + HALVE_MS) this.#halve(now);
    const bucket = Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / MIN_MS) / Math.log(STEP)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    this.#p95Ms = 0;
  }

  #halve(now: number): void {
    for (const [bucket, count] of this.#counts.entries()) this.#counts[bucket] = count / 2;
    this.#total /= 2;
    this.#halvedAt = now;
  }

  /** The upper end of the bucket in which it is, at most 15% too long. */
  #percentile(share: number): number {
    let left = share * this.#total;
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return MIN_MS * STEP ** (bucket < 0 ? BUCKETS - 1 : bucket);
  }
}
