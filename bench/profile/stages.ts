import type { OwnTime } from "./cpu-profile.ts";

/** The stages of a request, each with the files whose time it is; the first that matches counts. */
const STAGES: readonly (readonly [stage: string, files: RegExp])[] = [
  ["garbage collection", /^\(garbage collector\)/],
  ["runtime", /^\(/],
  ["job's object", /durable-objects\/job\//],
  ["window", /durable-objects\/request-window|call-batch|split-|join-window|batch-items|request-windows/],
  ["directory", /durable-objects\/job-directory|job-director|job-entry/],
  ["hand jobs over", /queue\/|job-queue|job-announcer|call-job|job-objects|run-delivery|job-id/],
  ["accept and run jobs", /handle-jobs|handle-durable|respond-job|submit-job|run-job|watch-attempts|job-/],
  ["authenticate", /flows\/authenticate|platform\/key-store|contract\/api-key/],
  ["read bodies", /read-bounded|read-json-body/],
  ["relay a stream", /relay-events|group-events|server-sent-events|read-event|stream-body|translate-events/],
  ["check JSON and schema", /domain\/parse|node_modules\/zod|worker\/contract/],
  ["hash", /cache-key|canonicalize/],
  [
    "cache",
    /cache-tiers|tiered-cache|byte-bounded|freshness|kv-admission|cache-directives|store-answer|histories/,
  ],
  ["share calls", /share-call|platform\/flights/],
  ["embedded model", /providers\/embedded/],
  ["record use", /platform\/log|domain\/cost|estimate-usage|genai-prices/],
  [
    "call the provider",
    /call-provider|watchdog|call-target|providers\/|dialects\/|upstream-failure|workers-ai/,
  ],
  ["respond", /http\/respond|http\/cors|create-worker/],
  ["route", /itty-router|\/IttyRouter|http\/|catalog|run-inference|app\.ts/i],
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
