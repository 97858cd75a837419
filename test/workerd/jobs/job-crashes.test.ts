import { afterAll, describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { answer, failedRun } from "../../unit/jobs/job-events.ts";
import { openIsolate, settleIsolates } from "../open-isolate.ts";
import { jobs, openJob } from "./open-job.ts";

/**
 * The crash table: where the process is stopped, and that no accepted job is lost, none completes twice, and a
 * repeat under the key gets the same. Objects are evicted, so that what follows finds only what
 * was stored; Workers by the calls they no longer make, or whose answers they no longer get.
 */
afterAll(settleIsolates);

const LEASE = 30_000;
const TENANT = "default";

/** A key that is to become a job, its object by a clock of the test's, and a Worker. */
async function openCrash(model = "known", more: object = {}) {
  const key = `crash ${crypto.randomUUID()}`;
  const open = await openJob(jobs.keyed(TENANT, { source: "client", key }));
  const isolate = openIsolate();
  const body = { task: "embeddings", input: { model, input: key }, ...more };
  const submit = (headers: Record<string, string> = {}) =>
    isolate.post("/v1/jobs", body, { "idempotency-key": key, ...headers });
  const read = async () => {
    const reply = await isolate.get(`/v1/jobs/${open.id}`);
    return JSON.parse(reply.text) as JobDocument;
  };
  const deliver = () => isolate.deliver("headrace-jobs", [{ v: 1, jobs: [open.id] }]);
  /** Lets the alarm come at a time, in an object that remembers nothing. */
  const alarmAt = async (clock: number) => {
    open.clock = clock;
    await open.evict();
    return open.alarm();
  };
  return { open, isolate, submit, read, deliver, alarmAt };
}
type Crash = Awaited<ReturnType<typeof openCrash>>;

/** Makes the nth row from now on one that is not written. */
function failPut(kv: Pick<SyncKvStorage, "put">, nth: number): void {
  const put = kv.put.bind(kv);
  let count = 0;
  kv.put = (key, value) => {
    if (++count === nth) throw new Error("the disk is full");
    put(key, value);
  };
}

const DONE = { acked: ["0"], retried: [] };
const AGAIN = { acked: [], retried: ["0"] };
const errorsOf = ({ attempts }: JobDocument) => attempts.map(({ error }) => error);

/** The job has ended once, whatever comes again: the message, the alarm, a late report, the client. */
async function expectOneOutcome({ open, isolate, submit, read, deliver, alarmAt }: Crash, calls: number) {
  const first = await submit();
  expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  const document = JSON.parse(first.text) as JobDocument;
  expect(document).toMatchObject({ id: open.id, status: "succeeded", output: { object: "list" } });
  const sent = open.sent.length;
  expect(await deliver()).toEqual(DONE);
  await open.job.complete(1, answer({ contentType: "zombie" }));
  await open.job.failAttempt(1, failedRun());
  await alarmAt(open.clock + 3_600_000);
  expect(open.sent).toHaveLength(sent);
  expect((await submit()).text).toBe(first.text);
  expect((await submit({ prefer: "wait=5" })).text).toBe(first.text);
  expect(await read()).toEqual(document);
  expect(isolate.calls).toHaveLength(calls);
}

describe("the process dies before the commit:", () => {
  it.each([
    ["submitted", {}],
    ["run inline", { prefer: "wait=5" }],
  ])("a job to be %s was never accepted, and its key is free", async (_, headers) => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver } = crash;
    open.alarmFails = true;
    const refused = await submit(headers);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      503,
      { error: { code: "overloaded" } },
    ]);
    open.alarmFails = false;
    expect(await open.job.read(TENANT, true)).toEqual({ kind: "absent" });
    await open.evict();
    expect(await open.job.read(TENANT, true)).toEqual({ kind: "absent" });
    expect([open.sent, isolate.sent, isolate.calls]).toEqual([[], [], []]);
    const accepted = await submit();
    expect([accepted.status, accepted.headers.get("idempotent-replayed")]).toEqual([202, null]);
    await deliver();
    await expectOneOutcome(crash, 1);
  });

  it("where the call never reached the object, the Worker calls again", async () => {
    const crash = await openCrash();
    crash.isolate.breaks.push({ method: "submit", lost: "question", retryable: true });
    expect((await crash.submit()).status).toBe(202);
    expect(crash.isolate.sent).toHaveLength(1);
    await crash.deliver();
    await expectOneOutcome(crash, 1);
  });
});

describe("the process dies after the commit and before the response:", () => {
  it("the client repeats the request, and gets the same job", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver } = crash;
    isolate.breaks.push({ method: "submit", lost: "answer" });
    expect((await submit()).status).toBe(503);
    await open.evict();
    const again = await submit();
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([202, "true"]);
    expect(JSON.parse(again.text)).toMatchObject({ id: open.id, status: "queued" });
    await deliver();
    await expectOneOutcome(crash, 1);
  });

  it("the job is run even if the client never repeats the request", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver, alarmAt } = crash;
    isolate.breaks.push({ method: "submit", lost: "answer" });
    await submit();
    expect(isolate.sent).toEqual([]);
    expect(await alarmAt(30_000)).toBe(true);
    expect(open.sent).toEqual([{ job: open.id, delaySeconds: 0 }]);
    await deliver();
    await expectOneOutcome(crash, 1);
  });

  it("the Worker calls again by itself; where the queue was not told, the alarm sends the job", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver, alarmAt } = crash;
    isolate.breaks.push({ method: "submit", lost: "answer", retryable: true });
    const accepted = await submit();
    expect([accepted.status, JSON.parse(accepted.text)]).toMatchObject([202, { id: open.id }]);
    await alarmAt(30_000);
    expect(isolate.sent.length + open.sent.length).toBeGreaterThan(0);
    await deliver();
    await expectOneOutcome(crash, 1);
  });

  it("a job without a key that exists already was made by an earlier try of the Worker, and the queue is told", async () => {
    const { isolate } = await openCrash();
    isolate.breaks.push({ method: "submit", lost: "answer", retryable: true });
    const input = { model: "known", input: "x" };
    const reply = await isolate.post("/v1/jobs", { task: "embeddings", input });
    const { id } = JSON.parse(reply.text) as JobDocument;
    expect([reply.status, reply.headers.get("idempotent-replayed")]).toEqual([202, null]);
    expect(isolate.sent).toEqual([{ v: 1, jobs: [id] }]);
  });

  it("a job that was to be run inline is run by the queue when its lease is over", async () => {
    const crash = await openCrash();
    const { isolate, submit, read, deliver, alarmAt } = crash;
    isolate.breaks.push({ method: "submitAndClaim", lost: "answer" });
    expect((await submit({ prefer: "wait=5" })).status).toBe(503);
    expect(await deliver()).toEqual(DONE);
    expect(isolate.calls).toEqual([]);
    await alarmAt(LEASE);
    await deliver();
    expect(errorsOf(await read())).toEqual(["lease_expired", null]);
    await expectOneOutcome(crash, 1);
  });
});

describe("the process dies before the queue send:", () => {
  it("a send that fails delays the job, and does not lose it", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver, alarmAt } = crash;
    isolate.queue = "rejects";
    expect((await submit()).status).toBe(202);
    expect(isolate.sent).toEqual([]);
    open.sendFails = true;
    expect(await alarmAt(30_000)).toBe(true);
    open.sendFails = false;
    expect(await alarmAt(90_000)).toBe(true);
    expect(open.sent).toHaveLength(2);
    await deliver();
    await expectOneOutcome(crash, 1);
  });

  it("the message of a retry is lost: the alarm sends it when it is due", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, read, deliver, alarmAt } = crash;
    await submit();
    isolate.provider = "fails";
    open.sendFails = true;
    expect(await deliver()).toEqual(DONE);
    expect(await read()).toMatchObject({ status: "queued", progress: { phase: "retrying" } });
    open.sendFails = false;
    isolate.provider = "answers";
    const before = open.sent.length;
    await alarmAt(120_000);
    expect(open.sent).toHaveLength(before + 1);
    await deliver();
    await expectOneOutcome(crash, 2);
  });
});

describe("the process dies before the upstream call:", () => {
  it("another run begins when the lease is over, and not before", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, read, deliver, alarmAt } = crash;
    await submit();
    isolate.breaks.push({ method: "claim", lost: "answer" });
    expect(await deliver()).toEqual(AGAIN);
    await open.evict();
    // The same message once more, while the lost run has the lease.
    expect(await deliver()).toEqual(DONE);
    expect([(await read()).status, isolate.calls]).toEqual(["in_progress", []]);
    await alarmAt(LEASE);
    expect(open.sent).toHaveLength(1);
    await deliver();
    expect(errorsOf(await read())).toEqual(["lease_expired", null]);
    await expectOneOutcome(crash, 1);
  });

  it("runs that are lost one after another use up the attempts, so that the job ends", async () => {
    const { open, isolate, submit, read, deliver, alarmAt } = await openCrash();
    await submit();
    for (let run = 1; (await read()).ended_at === null; run++) {
      expect(run).toBeLessThan(20);
      isolate.breaks.push({ method: "claim", lost: "answer" });
      await deliver();
      await alarmAt(open.clock + LEASE);
      // The second in a row is followed by a wait.
      await alarmAt(open.clock + 10_000);
    }
    expect(await read()).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" } });
    expect(isolate.calls).toEqual([]);
  });
});

describe("the process dies after the upstream call and before the commit:", () => {
  it("the call is made again, and the result of the first run is refused", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, read, deliver, alarmAt } = crash;
    await submit();
    isolate.breaks.push({ method: "complete", lost: "question" });
    expect(await deliver()).toEqual(AGAIN);
    expect(isolate.calls).toHaveLength(1);
    await alarmAt(LEASE);
    expect(await open.job.complete(1, answer())).toEqual({ kind: "refused", why: "lease_lost" });
    await deliver();
    expect(await open.job.complete(1, answer())).toEqual({ kind: "refused", why: "terminal" });
    expect(errorsOf(await read())).toEqual(["lease_expired", null]);
    await expectOneOutcome(crash, 2);
  });

  it("a run that reports while another has the lease is refused", async () => {
    const { open, submit, read, alarmAt } = await openCrash();
    await submit();
    await open.job.claim(LEASE);
    await alarmAt(LEASE);
    expect(await open.job.claim(LEASE)).toMatchObject({ kind: "claimed", lease: { epoch: 2 } });
    const late = { kind: "refused", why: "lease_lost" };
    expect(await open.job.complete(1, answer())).toEqual(late);
    expect(await open.job.failAttempt(1, failedRun({ retryable: false }))).toEqual(late);
    expect(await open.job.extend(1, LEASE)).toEqual(late);
    expect((await read()).status).toBe("in_progress");
    expect(await open.job.complete(2, answer())).toEqual({ kind: "recorded", status: "succeeded" });
  });

  it.each([
    ["claim", 1, "queued", 1],
    ["outcome", 2, "in_progress", 2],
  ])("a commit of the %s that fails leaves what was stored before", async (_, nth, status, calls) => {
    const crash = await openCrash();
    const { open, submit, read, deliver, alarmAt } = crash;
    await submit();
    await open.inside((_instance, { storage }) => failPut(storage.kv, nth));
    expect(await deliver()).toEqual(AGAIN);
    expect((await read()).status).toBe(status);
    await open.evict();
    expect((await read()).status).toBe(status);
    await alarmAt(LEASE);
    await deliver();
    await expectOneOutcome(crash, calls);
  });

  it("no call is made again where the route never repeats: the outcome is unknown, and the job says so", async () => {
    const { open, isolate, submit, read, deliver, alarmAt } = await openCrash("once");
    await submit();
    isolate.breaks.push({ method: "complete", lost: "question" });
    await deliver();
    await alarmAt(LEASE);
    expect(open.sent).toEqual([]);
    expect(await deliver()).toEqual(DONE);
    expect(await read()).toMatchObject({ status: "failed", error: { code: "outcome_unknown" } });
    expect(isolate.calls).toHaveLength(1);
    const [first, second] = [await submit(), await submit()];
    expect([first.status, second.text]).toEqual([200, first.text]);
  });

  it("an inline run is lost with its answer; the queue runs the job again", async () => {
    const crash = await openCrash();
    const { isolate, submit, deliver, alarmAt } = crash;
    isolate.breaks.push({ method: "complete", lost: "question" });
    const reply = await submit({ prefer: "wait=1" });
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([202, { status: "in_progress" }]);
    await alarmAt(LEASE);
    await deliver();
    await expectOneOutcome(crash, 2);
  });
});

describe("the process dies after the commit and before the acknowledgement:", () => {
  it("the message comes again after the job has ended, and nothing happens", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver } = crash;
    await submit();
    isolate.breaks.push({ method: "complete", lost: "answer" });
    expect(await deliver()).toEqual(AGAIN);
    await open.evict();
    expect(await deliver()).toEqual(DONE);
    await expectOneOutcome(crash, 1);
  });

  it.each(["queued", "inline"])("a report of a %s run whose answer was lost is made again", async (how) => {
    const crash = await openCrash();
    const { isolate, submit, deliver } = crash;
    isolate.breaks.push({ method: "complete", lost: "answer", retryable: true });
    const reply = await submit(how === "inline" ? { prefer: "wait=5" } : {});
    expect(reply.status).toBe(how === "inline" ? 200 : 202);
    expect(await deliver()).toEqual(DONE);
    await expectOneOutcome(crash, 1);
  });

  it("a message of many jobs comes again for the one that could not be run, and no other is run twice", async () => {
    const crashes = await Promise.all([openCrash(), openCrash(), openCrash()]);
    const [{ isolate }] = crashes;
    for (const { submit } of crashes) await submit();
    isolate.breaks.push({ method: "complete", lost: "answer" });
    const message = { v: 1, jobs: crashes.map(({ open }) => open.id) };
    expect(await isolate.deliver("headrace-jobs", [message])).toEqual(AGAIN);
    await Promise.all(crashes.map(({ open }) => open.evict()));
    expect(await isolate.deliver("headrace-jobs", [message])).toEqual(DONE);
    expect(isolate.calls).toHaveLength(3);
    for (const crash of crashes) await expectOneOutcome({ ...crash, isolate }, 3);
  });

  it("a message that is given up after too many deliveries does not change a job that has ended", async () => {
    const crash = await openCrash();
    const { open, isolate, submit, deliver } = crash;
    await submit();
    await deliver();
    expect(await isolate.deliver("headrace-jobs-dead", [{ v: 1, jobs: [open.id] }])).toEqual(DONE);
    await expectOneOutcome(crash, 1);
  });
});

describe("the process dies between the webhook and its acknowledgement:", () => {
  const webhook = { url: "https://hooks.example/jobs" };
  const openTold = async () => {
    const crash = await openCrash("known", { webhook });
    await crash.submit();
    await crash.deliver();
    const message = [{ v: 1, job: crash.open.id }];
    const tell = () => crash.isolate.deliverWebhooks(message);
    return { ...crash, tell };
  };

  it("the receiver is told again under the same id, once, and the job stays as it was", async () => {
    const told = await openTold();
    const { open, isolate, read, tell } = told;
    const document = await read();
    isolate.breaks.push({ method: "reportNotice", lost: "question" });
    expect(await tell()).toEqual(AGAIN);
    await open.evict();
    expect(await tell()).toEqual(DONE);
    expect(await tell()).toEqual(DONE);
    const { received } = isolate;
    expect(received.map(({ body }) => body)).toEqual([received[0]?.body, received[0]?.body]);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await read()).toEqual(document);
    await expectOneOutcome(told, 1);
  });

  it("a report that was stored, though its reply was lost, is final", async () => {
    const told = await openTold();
    const { open, isolate, tell, alarmAt } = told;
    isolate.breaks.push({ method: "reportNotice", lost: "answer" });
    expect(await tell()).toEqual(AGAIN);
    await open.evict();
    expect(await tell()).toEqual(DONE);
    const sent = open.notices.length;
    await alarmAt(3_600_000);
    expect([isolate.received.length, open.notices.length]).toEqual([1, sent]);
    await expectOneOutcome(told, 1);
  });

  it("a message that is lost before the receiver was called is sent again by the alarm", async () => {
    const told = await openTold();
    const { open, isolate, tell, alarmAt } = told;
    expect(open.notices).toEqual([{ job: open.id, delaySeconds: 0 }]);
    await alarmAt(60_000);
    expect(open.notices).toHaveLength(2);
    expect(await tell()).toEqual(DONE);
    await alarmAt(3_600_000);
    expect([isolate.received.length, open.notices.length]).toEqual([1, 2]);
    await expectOneOutcome(told, 1);
  });
});
