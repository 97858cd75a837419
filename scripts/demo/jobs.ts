import { createHash, randomUUID } from "node:crypto";
import type { Headrace, Job, JobEvent } from "../../sdk/jobs/index.ts";
import { createLimiter } from "../../worker/platform/limiter.ts";
import { ROUTE } from "./failing-provider.ts";
import { startBoard, type Stage } from "./job-board.ts";
import type { Passage } from "./passages.ts";

/** A job to submit, and its key, under which it exists once however often it is submitted. */
export interface JobOrder {
  readonly key: string;
  readonly text: string;
}

/** The result of submitting a job. */
export interface JobOutcome {
  readonly job: Job;
  /** There was a job with this key already. */
  readonly replayed: boolean;
  /** From before it was submitted until the bytes of its answer were here. */
  readonly waitedMs: number;
  /** The SHA-256 of those bytes; undefined where the job has no answer. */
  readonly digest: string | undefined;
}

/** Submissions under way at once; the jobs themselves are all followed from when they are accepted. */
const WIDTH = 32;

/** An order a passage; the keys are new ones for each run of the demo, for its storage may be kept. */
export function writeOrders(passages: readonly Passage[]): readonly JobOrder[] {
  const run = randomUUID();
  return passages.map(({ text, year, president }, at) => ({
    key: `demo-${run}-${at}`,
    text: `In a sentence: what does ${president} ask of Congress here, in ${year}?\n\n${text}`,
  }));
}

/** Where the demo's jobs go. */
export interface JobDesk {
  readonly client: Headrace;
  /** Gives the answer of a job that has succeeded, in the bytes that are kept. */
  readonly readAnswer: (id: string) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
}

/** Submits every job, follows each by its events, and gives what came of them in the same order. */
export async function submitJobs(
  desk: JobDesk,
  orders: readonly JobOrder[],
  name: string,
): Promise<readonly JobOutcome[]> {
  const board = startBoard(name, orders.length, process.stdout);
  const inTurn = createLimiter(WIDTH);
  try {
    return await Promise.all(
      orders.map(async (order) => {
        const { job, startedAt } = await inTurn(() => submit(desk, order));
        return follow(desk, { job, startedAt, onStage: (stage) => board.move(order.key, stage) });
      }),
    );
  } finally {
    board.end();
  }
}

/** Submits past the cache, so that an answer that comes again comes from the job. */
async function submit({ client, signal }: JobDesk, { key, text }: JobOrder) {
  const startedAt = performance.now();
  const input = { model: ROUTE, messages: [{ role: "user" as const, content: text }] };
  const options = { idempotencyKey: key, cache: "no-store", signal };
  return { job: await client.jobs.create({ task: "chat", input }, options), startedAt };
}

interface Submitted {
  readonly job: Job;
  readonly startedAt: number;
  readonly onStage: (stage: Stage) => void;
}

async function follow(desk: JobDesk, { job, startedAt, onStage }: Submitted): Promise<JobOutcome> {
  const ended = job.ended_at === null ? await awaitEnd(desk, job.id, onStage) : job;
  const answer = ended.status === "succeeded" ? await desk.readAnswer(job.id) : undefined;
  const waitedMs = performance.now() - startedAt;
  onStage("done");
  const digest = answer && createHash("sha256").update(answer).digest("hex");
  return { job: ended, replayed: job.meta.replayed, waitedMs, digest };
}

async function awaitEnd(
  { client, signal }: JobDesk,
  id: string,
  onStage: (stage: Stage) => void,
): Promise<Job> {
  onStage("queued");
  for await (const { type } of client.jobs.events(id, { signal })) {
    const stage = STAGES[type];
    if (stage !== undefined) onStage(stage);
  }
  return client.jobs.get(id, { signal });
}

const STAGES: { readonly [T in JobEvent["type"]]?: Stage } = {
  "job.started": "running",
  "job.retrying": "retrying",
};
