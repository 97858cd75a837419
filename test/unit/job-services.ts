import type { ClaimReply, FailedRun, JobAnswer, JobPort } from "../../worker/domain/jobs/job-protocol.ts";
import type {
  ClaimedGroup,
  JobWindowEntry,
  JobWindowPort,
  UnitAgain,
} from "../../worker/domain/windows/job-window-protocol.ts";
import type { JobFact } from "../../worker/domain/facts/fact.ts";
import type { InferenceCall } from "../../worker/flows/call.ts";
import type { Delivery } from "../../worker/flows/jobs/run-queued-job.ts";
import type { JobServices } from "../../worker/flows/jobs/job-services.ts";
import type { JobRun } from "../../worker/flows/jobs/run-job.ts";
import { createFairLimiter } from "../../worker/platform/fair-limiter.ts";
import type { NamedJob } from "../../worker/platform/job-objects.ts";
import { ListingBuffer } from "../../worker/platform/listing-buffer.ts";
import { openWorld, T, type World } from "./flow-services.ts";

/** What a job's object was told of a run. */
export type Report = { readonly job: string } & (
  | { readonly kind: "answer"; readonly answer: JobAnswer }
  | { readonly kind: "failure"; readonly run: FailedRun }
);

/** A world with jobs, whose objects note what they are told; every failure that may be repeated is. */
export interface JobWorld extends World {
  readonly services: JobServices;
  readonly reports: Report[];
  readonly settled: (readonly UnitAgain[])[];
  /** What a job's object lets be run. */
  claim: ClaimReply;
  /** What the window has due. */
  group: ClaimedGroup | undefined;
  jobs(): readonly JobFact[];
}

const absent = () => {
  throw new Error("not of this test");
};

export function openJobWorld(): JobWorld {
  const world = openWorld();
  const reports: Report[] = [];
  const settled: (readonly UnitAgain[])[] = [];
  const openJob = (id: string): JobPort =>
    ({
      claim: async () => jobWorld.claim,
      extend: async (_epoch, leaseMs) => ({
        kind: "extended",
        leaseUntil: world.clock + leaseMs,
        canceling: false,
      }),
      complete: async (_epoch, answer) => {
        reports.push({ job: id, kind: "answer", answer });
        return { kind: "recorded", status: "succeeded" };
      },
      failAttempt: async (_epoch, run) => {
        reports.push({ job: id, kind: "failure", run });
        return run.retryable ? { kind: "retry", retryAt: world.clock + run.retryAfterMs } : FAILED;
      },
      append: async (_epoch, from, chunks) => ({ kind: "kept", have: from + chunks.length, watchers: 0 }),
    }) satisfies Partial<JobPort> as unknown as JobPort;
  const nameJob = (id: string): NamedJob => ({ id, job: openJob(id), connect: absent });
  const window: Partial<JobWindowPort> = {
    claim: async () => (jobWorld.group ? { kind: "claimed", group: jobWorld.group } : { kind: "none" }),
    extend: async () => ({ kind: "extended" }),
    settle: async (_group, _run, again) => {
      settled.push(again);
      return { kind: "settled" };
    },
  };
  const { now, log, sleep } = world.services;
  const jobWorld: JobWorld = Object.assign(world, {
    reports,
    settled,
    claim: { kind: "absent" as const },
    group: undefined,
    jobs: () => world.facts.filter((fact) => fact.kind === "job"),
    services: {
      ...world.services,
      jobs: { keyed: absent, fresh: absent, find: nameJob },
      jobWindows: { identify: (name: string) => name, find: () => window as JobWindowPort },
      directories: { record: absent, forget: absent, list: absent } as unknown as JobServices["directories"],
      listings: new ListingBuffer({ record: absent, wait: () => sleep(0), now, log }),
      announce: absent,
    },
  });
  return jobWorld;
}

const FAILED = { kind: "recorded", status: "failed" } as const;

/** A leased job that asks for something. */
export const openRun = (world: World, call: InferenceCall, id = "job_1"): JobRun => ({
  id,
  lease: {
    epoch: 1,
    tries: 1,
    leaseUntil: world.clock + 30_000,
    completeBy: world.clock + 60_000,
    createdAt: T,
  },
  policy: { onUnknownOutcome: "repeat" },
  call: { ...call, requestId: id },
});

export const openDelivery = (world: World): Delivery => ({
  deadlineAt: world.clock + 60_000,
  defer: world.defer,
  release: world.release,
  inTurn: createFairLimiter(5),
});

/** A job in a window's group that asks for vectors. */
export const openEntry = (id: string, input: string | readonly string[]): JobWindowEntry => ({
  id: `${id}@${T}`,
  job: id,
  createdAt: T,
  tenant: "acme",
  keyId: "0123456789abcdef",
  request: JSON.stringify({ model: "gathered", input }),
  cacheControl: null,
  metadata: {},
  items: [input].flat().length,
  tokens: [input].flat().length,
  longest: 1,
  sendBy: T + 30_000,
  completeBy: T + 60_000,
});

/** Jobs that are due together. */
export const openGroup = (entries: readonly JobWindowEntry[]): ClaimedGroup => ({
  id: "7",
  run: 1,
  tries: 1,
  lostRun: null,
  spec: {
    route: "gathered",
    target: "targets[0]=one/big",
    task: "embeddings",
    parameters: { input: "string" },
  },
  entries,
});
