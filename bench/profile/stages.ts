import type { OwnTime } from "./cpu-profile.ts";

/** The stages of a request, each with the files whose time it is; the first that matches counts. */
const STAGES: readonly (readonly [stage: string, files: RegExp])[] = [
  ["garbage collection", /^\(garbage collector\)/],
  ["runtime", /^\(/],
  ["job's object", /durable-objects\/job\//],
  ["window", /durable-objects\/request-window|flows\/windows|domain\/windows|request-windows/],
  ["directory", /durable-objects\/job-directory|job-director|job-entry/],
  [
    "hand jobs over",
    /queue\/|job-queue|job-announcer|call-object|open-object|job-objects|run-queued-job|job-id/,
  ],
  ["accept and run jobs", /handle-jobs|handle-durable|respond-job|flows\/jobs|domain\/jobs/],
  ["authenticate", /flows\/authenticate|platform\/key-|contract\/api-key|admit-request/],
  ["read bodies", /read-bounded|read-json-body/],
  ["relay a stream", /relay-events|pipe-events|group-events|server-sent-events|read-event|skim|stream-body/],
  ["check JSON and schema", /domain\/requests|parse-answer|node_modules\/zod|worker\/contract/],
  ["hash", /cache-key|digest|canonicalize/],
  ["cache", /cache-tiers|tiered-cache|byte-bounded|domain\/cache|store-answer|look-up|replay|histories/],
  ["share a flight", /flight/],
  ["embedded model", /providers\/embedded/],
  ["settle and tell", /platform\/log|fact-log|platform\/tell|domain\/money|tell-|genai-prices/],
  [
    "call the provider",
    /call-provider|watchdog|flows\/targets|providers\/|dialects\/|upstream-failure|workers-ai/,
  ],
  ["respond", /http\/respond|respond-outcome|http\/cors|create-worker/],
  [
    "route",
    /itty-router|\/IttyRouter|http\/|catalog|run-inference|answer-call|open-call|plan-targets|deployment/i,
  ],
];

export interface StageTime {
  readonly stage: string;
  /** Of the time in which the Worker's thread was busy. */
  readonly share: number;
}

/** Sums own times by stage, largest first. */
export function sumByStage(times: readonly OwnTime[]): StageTime[] {
  const total = times.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const sums = new Map<string, number>();
  for (const { file, microseconds } of times) {
    const stage = STAGES.find(([, files]) => files.test(file))?.[0] ?? "other";
    sums.set(stage, (sums.get(stage) ?? 0) + microseconds);
  }
  return [...sums]
    .map(([stage, microseconds]) => ({ stage, share: microseconds / total }))
    .toSorted((a, b) => b.share - a.share);
}
