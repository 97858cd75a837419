import type { JobOutcome } from "./jobs.ts";
import { percentile } from "./percentile.ts";
import { priceChats } from "./price.ts";

/** What one submission of all jobs showed, by the responses and the provider's own count. */
export interface SubmissionReport {
  readonly jobs: number;
  /** Jobs that did not exist before. */
  readonly fresh: number;
  /** Of those, by the attempt that brought the answer: the first, the second, a later one. */
  readonly doneAt: readonly [number, number, number];
  readonly failed: number;
  /** Submissions whose key had a job already. */
  readonly replayed: number;
  /** Of those, the ones with the id, and with the very bytes, of the first submission. */
  readonly sameId: number;
  readonly sameAnswer: number;
  /** Calls that the provider received meanwhile. */
  readonly calls: number;
  /** Why attempts of the new jobs failed, as their records have it, with how often. */
  readonly failures: ReadonlyMap<string, number>;
  readonly medianMs: number;
  readonly p95Ms: number;
  /** What the new jobs' tokens would have cost. */
  readonly usd: number;
}

/** Sums up a submission; `earlier` are the outcomes of the same orders submitted before. */
export function summariseJobs(
  outcomes: readonly JobOutcome[],
  calls: number,
  earlier: readonly JobOutcome[] = [],
): SubmissionReport {
  const fresh = outcomes.filter(({ replayed }) => !replayed).map(({ job }) => job);
  const done = fresh.filter(({ status }) => status === "succeeded");
  const doneAt = (test: (attempts: number) => boolean) =>
    done.filter(({ attempts }) => test(attempts.length)).length;
  const pairs = outcomes.map((outcome, at) => ({ outcome, before: earlier[at] }));
  const replays = pairs.filter(({ outcome }) => outcome.replayed);
  const waits = outcomes.map(({ waitedMs }) => waitedMs);
  return {
    jobs: outcomes.length,
    fresh: fresh.length,
    doneAt: [doneAt((n) => n === 1), doneAt((n) => n === 2), doneAt((n) => n > 2)],
    failed: fresh.length - done.length,
    replayed: replays.length,
    sameId: replays.filter(({ outcome, before }) => outcome.job.id === before?.job.id).length,
    sameAnswer: replays.filter(({ outcome, before }) => before && outcome.digest === before.digest).length,
    calls,
    failures: countFailures(fresh),
    medianMs: percentile(waits, 0.5),
    p95Ms: percentile(waits, 0.95),
    usd: priceJobs(fresh).usd,
  };
}

type Jobs = readonly JobOutcome["job"][];

function countFailures(jobs: Jobs): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status, error } of jobs.flatMap(({ attempts }) => attempts)) {
    if (error === null) continue;
    const reason = status === null ? "broken off" : `with ${status}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

/** What the jobs' tokens would have cost; failed attempts have none. */
export function priceJobs(jobs: Jobs) {
  const sum = (name: "prompt_tokens" | "completion_tokens") =>
    jobs.reduce((tokens, { usage }) => tokens + (usage?.[name] ?? 0), 0);
  return priceChats({ input_tokens: sum("prompt_tokens"), output_tokens: sum("completion_tokens") });
}

/** Whether the second submission brought only the first one's results. */
export const isReplay = ({ jobs, sameId, sameAnswer, calls }: SubmissionReport): boolean =>
  sameId === jobs && sameAnswer === jobs && calls === 0;
