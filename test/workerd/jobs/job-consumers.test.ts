import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { JobObject } from "../../../durable-objects/job/job-object.ts";
import { createHeadrace } from "../../../worker/create-headrace.ts";
import { decodeJobId } from "../../../worker/domain/jobs/job-id.ts";
import type { Submission } from "../../../worker/domain/jobs/job-protocol.ts";
import { ok } from "../../../worker/domain/result.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { createJobObjects, type NamedJob } from "../../../worker/platform/job-objects.ts";
import { embedded } from "../../../worker/providers/embedded/adapter.ts";
import config from "../../fixtures/deployment/headrace.config.ts";

const real = env as unknown as Environment;
const jobs = createJobObjects(real.JOBS, () => undefined);
const UNKNOWN = `job_${"A".repeat(43)}`;

const submission = (change: Partial<Submission> = {}): Submission => ({
  tenant: "default",
  keyId: "0123456789abcdef",
  release: "r1",
  task: "embeddings",
  model: "words",
  fingerprint: "f",
  priority: "normal",
  policy: {
    maxAttempts: 3,
    startWithinMs: null,
    completeWithinMs: 60_000,
    retainMs: 60_000,
    onUnknownOutcome: "repeat",
  },
  metadata: {},
  webhook: null,
  retryOf: null,
  cacheControl: null,
  traceparent: null,
  clientHeaders: {},
  request: new TextEncoder().encode(JSON.stringify({ model: "words", input: "a mill by the river" })),
  ...change,
});

const sent: string[] = [];

/** A job that waits. Its own sends go nowhere: each test delivers what it wants delivered. */
async function queueJob(change: Partial<Submission> = {}): Promise<NamedJob> {
  const named = jobs.fresh("default");
  const stub = real.JOBS.get(real.JOBS.idFromString(decodeJobId(named.id) ?? ""));
  await runInDurableObject(stub, (instance: DurableObject) => {
    const job = instance as unknown as JobObject;
    job.ports = {
      ...job.ports,
      send: (ids) => {
        sent.push(...ids);
        return Promise.resolve(ok(undefined));
      },
    };
  });
  await named.job.submit(submission(change));
  return named;
}

async function deliver(queue: string, bodies: readonly unknown[], environment: object = real) {
  const { worker } = createHeadrace(config, { providers: { embedded } });
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch(queue, messages);
  const context = createExecutionContext();
  await worker.queue?.(batch, environment as Environment, context);
  const { explicitAcks, retryMessages, outcome } = await getQueueResult(batch, context);
  return {
    outcome,
    acked: explicitAcks.toSorted(),
    retried: retryMessages.map(({ msgId }) => msgId).toSorted(),
  };
}

const read = async ({ job }: NamedJob) => {
  const view = await job.read("default", true);
  if (view.kind === "absent") throw new Error("the job is absent");
  return view.document;
};

describe("the consumer of jobs", () => {
  let named: NamedJob;
  beforeEach(async () => {
    sent.length = 0;
    named = await queueJob();
  });

  it("runs what it can and acknowledges it, whatever stands beside it", async () => {
    const bodies = [
      "text",
      { v: 1, jobs: [named.id] },
      { v: 2, jobs: [named.id] },
      { v: 1, jobs: [UNKNOWN] },
    ];
    const result = await deliver("headrace-jobs", bodies);
    expect(result).toMatchObject({ outcome: "ok", acked: ["0", "1", "2", "3"], retried: [] });
    expect(await read(named)).toMatchObject({ status: "succeeded" });
  });

  it("runs a job once that was sent twice", async () => {
    const message = { v: 1, jobs: [named.id] };
    const { acked, retried } = await deliver("headrace-jobs", [message, message]);
    expect([...acked, ...retried].toSorted()).toEqual(["0", "1"]);
    const { status, attempts } = await read(named);
    expect([status, attempts.length]).toEqual(["succeeded", 1]);
    expect(await deliver("headrace-jobs", [message])).toMatchObject({ acked: ["0"] });
    expect((await read(named)).attempts).toHaveLength(1);
  });

  it("is done with the message of a job that is to be run again: its object sends another", async () => {
    // Nothing listens at the fixture's default address.
    const model = "embed-twice";
    const request = new TextEncoder().encode(JSON.stringify({ model, input: "x" }));
    const failing = await queueJob({ model, request });
    const result = await deliver("headrace-jobs", [{ v: 1, jobs: [failing.id, named.id] }]);
    expect(result).toMatchObject({ acked: ["0"], retried: [] });
    expect(await read(named)).toMatchObject({ status: "succeeded" });
    expect(await read(failing)).toMatchObject({
      status: "queued",
      progress: { phase: "retrying" },
      attempts: [{ target: "targets[0]=primary/big", error: "upstream_error" }],
    });
    expect(sent).toEqual([failing.id]);
  });

  it("leaves a target alone that has failed five times: other jobs are put back without a call", async () => {
    const model = "guarded/embed";
    const requestOf = (at: number) => new TextEncoder().encode(JSON.stringify({ model, input: `x ${at}` }));
    const waiting = await Promise.all(
      Array.from({ length: 24 }, (_, at) => queueJob({ model, request: requestOf(at) })),
    );
    const result = await deliver("headrace-jobs", [{ v: 1, jobs: waiting.map(({ id }) => id) }]);
    expect(result).toMatchObject({ acked: ["0"], retried: [] });
    const documents = await Promise.all(waiting.map(read));
    // Four more were under way when the fifth had failed.
    const called = documents.filter(({ attempts }) => attempts.length > 0);
    expect([called.length >= 5, called.length <= 9]).toEqual([true, true]);
    for (const { status, next_attempt_at } of documents) {
      expect([status, Date.parse(next_attempt_at ?? "") > Date.now() - 60_000]).toEqual(["queued", true]);
    }
    expect(sent.toSorted()).toEqual(waiting.map(({ id }) => id).toSorted());
  });

  it("rejects a stored request that its task cannot take", async () => {
    const odd = await queueJob({ request: new TextEncoder().encode('{"model":"words"}') });
    expect(await deliver("headrace-jobs", [{ v: 1, jobs: [odd.id] }])).toMatchObject({ acked: ["0"] });
    expect(await read(odd)).toMatchObject({ status: "failed", error: { code: "rejected" } });
  });

  it("keeps the messages of objects that cannot be reached", async () => {
    const broken = {
      idFromString: () => "",
      get: () => ({ claim: () => Promise.reject(new Error("gone")) }),
    };
    const JOBS = new Proxy(real.JOBS, {
      get: (target, name) => {
        if (name === "get") return () => broken.get();
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const result = await deliver("headrace-jobs", [{ v: 1, jobs: [named.id] }, "text"], { ...real, JOBS });
    expect(result).toMatchObject({ outcome: "ok", acked: ["1"], retried: ["0"] });
  });

  it("keeps all messages while the deployment is set up wrongly", async () => {
    const { worker } = createHeadrace(config, { providers: { embedded } });
    const message = { id: "0", timestamp: new Date(), attempts: 1, body: { v: 1, jobs: [named.id] } };
    const batch = createMessageBatch("headrace-jobs", [message]);
    const context = createExecutionContext();
    await worker.queue?.(batch, { ...real, HEADRACE_API_KEY: "short" }, context);
    expect((await getQueueResult(batch, context)).retryBatch).toMatchObject({ retry: true });
  });
});

describe("the consumer of dead letters", () => {
  it("closes the job, so that it does not hang, and skips what is none", async () => {
    const named = await queueJob();
    const result = await deliver("headrace-jobs-dead", ["text", { v: 1, jobs: [named.id] }]);
    expect(result).toMatchObject({ acked: ["0", "1"], retried: [] });
    expect(await read(named)).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" } });
  });

  it("leaves a job alone that somebody runs, and one that has ended", async () => {
    const running = jobs.fresh("default");
    await running.job.submitAndClaim(submission(), 30_000);
    const ended = await queueJob();
    await ended.job.cancel("default");
    const bodies = [running, ended].map(({ id }) => ({ v: 1, jobs: [id] }));
    expect(await deliver("headrace-jobs-dead", bodies)).toMatchObject({ acked: ["0", "1"] });
    expect([(await read(running)).status, (await read(ended)).status]).toEqual(["in_progress", "canceled"]);
  });
});
