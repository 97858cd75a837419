import { afterAll, describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { nameWindow } from "../../../worker/flows/windows/join-window.ts";
import { type Isolate, openIsolate, settleIsolates } from "../open-isolate.ts";
import { jobs } from "../jobs/open-job.ts";
import { identifyJobWindow, openJobWindow, type OpenJobWindow } from "./open-job-window.ts";

/**
 * The crash table of jobs in a window: where a process dies or an object cannot be reached, and that nothing
 * accepted is lost, nothing ends twice, and no call is made for nothing. The objects are real.
 */
afterAll(settleIsolates);

const LEASE = 30_000;
const DONE = { acked: ["0"], retried: [] };

/** A window of its own: `mark` goes into its name. It takes four jobs. */
async function openCrash(model = "cloudflare-windowed") {
  const mark = crypto.randomUUID();
  const spec = {
    route: model,
    target: "targets[0]=workers-ai/any",
    task: "embeddings" as const,
    parameters: { mark, input: "string" },
  };
  const who = { tenant: "default", continent: undefined, spread: "" };
  const opened = await openJobWindow(
    identifyJobWindow(await nameWindow(spec, { share: "tenant", shards: 1 }, who)),
  );
  const isolate = openIsolate();
  const submit = (text: string) => {
    const body = { task: "embeddings", input: { model, mark, input: text } };
    return isolate.post("/v1/jobs", body, { "idempotency-key": `${mark} ${text}` });
  };
  return { opened, isolate, submit };
}
type Crash = Awaited<ReturnType<typeof openCrash>>;

async function submitAll({ submit }: Crash, texts = "abcd"): Promise<string[]> {
  const replies = await Promise.all(Array.from(texts).map((text) => submit(text)));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
  return replies.map(({ text }) => (JSON.parse(text) as JobDocument).id);
}
const read = async (isolate: Isolate, id: string) =>
  JSON.parse((await isolate.get(`/v1/jobs/${id}`)).text) as JobDocument;
const readAll = ({ isolate }: Crash, ids: readonly string[]) =>
  Promise.all(ids.map((id) => read(isolate, id)));
const deliver = ({ isolate, opened }: Crash) =>
  isolate.deliver("headrace-jobs", [{ v: 1, window: opened.id }]);
/** Lets a lease run out, in an object that remembers nothing. */
async function loseLease(opened: OpenJobWindow): Promise<void> {
  opened.ahead += LEASE;
  await opened.evict();
  await opened.alarm();
}
const errorsOf = ({ attempts }: JobDocument) => attempts.map(({ error }) => error);
const textsOf = ({ isolate }: Crash) =>
  isolate.calls.map((call) => (call as { text: string[] }).text.join(""));

/** All have ended once, whatever comes again: the message, the alarm, the client. */
async function expectEnded(crash: Crash, ids: readonly string[], calls: readonly string[]): Promise<void> {
  const documents = await readAll(crash, ids);
  expect(documents.map(({ status }) => status)).toEqual(ids.map(() => "succeeded"));
  expect(await deliver(crash)).toEqual(DONE);
  await crash.opened.evict();
  await crash.opened.alarm();
  expect(await crash.opened.keys()).toEqual([]);
  expect(await deliver(crash)).toEqual(DONE);
  expect(await readAll(crash, ids)).toEqual(documents);
  expect(textsOf(crash)).toEqual(calls);
}

describe("jobs in a window, where", () => {
  it("nothing fails: one message, one call", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    expect([crash.opened.sent, crash.isolate.sent]).toEqual([[0], []]);
    expect(await deliver(crash)).toEqual(DONE);
    const [first] = await readAll(crash, ids);
    expect(first).toMatchObject({ window: { size: 4 }, attempts: [{ n: 1, status: 200 }], cache: "miss" });
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("the window cannot be reached: the jobs are run by themselves", async () => {
    const crash = await openCrash();
    crash.isolate.windowBreaks.push({ method: "add", lost: "question" });
    const [id = ""] = await submitAll(crash, "a");
    expect(crash.isolate.sent).toEqual([{ v: 1, jobs: [id] }]);
    expect(await crash.isolate.deliver("headrace-jobs", [{ v: 1, jobs: [id] }])).toEqual(DONE);
    expect((await read(crash.isolate, id)).window).toBeNull();
    await expectEnded(crash, [id], ["a"]);
  });

  it("its reply about a new job is lost: the job is run by itself, and the window's run does not count", async () => {
    const crash = await openCrash();
    crash.isolate.windowBreaks.push({ method: "add", lost: "answer" });
    const [id = ""] = await submitAll(crash, "a");
    const others = await submitAll(crash, "bcd");
    expect(await deliver(crash)).toEqual(DONE);
    expect((await read(crash.isolate, id)).status).toBe("queued");
    expect(await crash.isolate.deliver("headrace-jobs", [{ v: 1, jobs: [id] }])).toEqual(DONE);
    await expectEnded(crash, [id, ...others], ["abcd", "a"]);
  });

  it("the Worker is stopped before the window knows of the job: a repeat of the request puts it into the window", async () => {
    const crash = await openCrash();
    crash.isolate.windowBreaks.push({ method: "add", lost: "question" });
    crash.isolate.breaks.push({ method: "release", lost: "question" });
    expect((await crash.submit("a")).status).toBe(503);
    expect([crash.isolate.sent, await crash.opened.keys()]).toEqual([[], []]);
    const ids = await submitAll(crash, "abcd");
    expect(await deliver(crash)).toEqual(DONE);
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("the message and the object's memory are lost: the alarm sends another message", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    await loseLease(crash.opened);
    expect(crash.opened.sent).toEqual([0, 0]);
    expect(await deliver(crash)).toEqual(DONE);
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("the message comes twice at once: one call", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    await Promise.all([deliver(crash), deliver(crash), deliver(crash)]);
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("the reply to a claim is lost: the message is retried, and the group is run when its lease is over", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    crash.isolate.windowBreaks.push({ method: "claim", lost: "answer" });
    expect(await deliver(crash)).toEqual({ acked: [], retried: ["0"] });
    expect(await deliver(crash)).toEqual(DONE);
    expect(crash.isolate.calls).toEqual([]);
    await loseLease(crash.opened);
    await deliver(crash);
    expect((await readAll(crash, ids)).map(errorsOf)).toEqual(ids.map(() => ["lease_expired", null]));
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("a job's object cannot be reached at the end: it alone is run again", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    crash.isolate.breaks.push({ method: "complete", lost: "question" });
    expect(await deliver(crash)).toEqual(DONE);
    const done = (await readAll(crash, ids)).filter(({ status }) => status === "succeeded");
    expect(done).toHaveLength(3);
    await loseLease(crash.opened);
    await deliver(crash);
    expect((await readAll(crash, ids)).map(errorsOf).filter(({ length }) => length === 2)).toEqual([
      ["lease_expired", null],
    ]);
    expect(textsOf(crash)[1]).toHaveLength(1);
    await expectEnded(crash, ids, textsOf(crash));
    expect(textsOf(crash)).toHaveLength(2);
  });

  it("the reply of a job that has recorded its outcome is lost: no call is made again", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    crash.isolate.breaks.push({ method: "complete", lost: "answer" }, { method: "complete", lost: "answer" });
    await deliver(crash);
    await loseLease(crash.opened);
    await deliver(crash);
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("the consumer is stopped before it has told the window: the jobs have their outcomes, and no call is made again", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    crash.isolate.windowBreaks.push({ method: "settle", lost: "question" });
    expect(await deliver(crash)).toEqual({ acked: [], retried: ["0"] });
    expect((await readAll(crash, ids)).map(({ status }) => status)).toEqual(ids.map(() => "succeeded"));
    await loseLease(crash.opened);
    await deliver(crash);
    await expectEnded(crash, ids, ["abcd"]);
  });

  it("it is stopped after a failed run, which the jobs have counted: the run is not counted twice", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    crash.isolate.windowBreaks.push({ method: "settle", lost: "question" });
    crash.isolate.provider = "fails";
    await deliver(crash);
    crash.isolate.provider = "answers";
    await loseLease(crash.opened);
    await deliver(crash);
    expect((await readAll(crash, ids)).map(errorsOf)).toEqual(ids.map(() => ["upstream_error", null]));
    await expectEnded(crash, ids, ["abcd", "abcd"]);
  });

  it("it is stopped during the call, on a route that never repeats: the outcome is unknown, and no call is made again", async () => {
    const crash = await openCrash("cloudflare-windowed-once");
    const ids = await submitAll(crash);
    expect((await crash.opened.window.claim(LEASE)).kind).toBe("claimed");
    await loseLease(crash.opened);
    await deliver(crash);
    const documents = await readAll(crash, ids);
    expect(documents.map(({ status, error }) => [status, error?.code])).toEqual(
      ids.map(() => ["failed", "outcome_unknown"]),
    );
    await crash.opened.alarm();
    expect([crash.isolate.calls, await crash.opened.keys()]).toEqual([[], []]);
  });

  it("it is stopped as often as a job has attempts: the job has failed, and the window is empty", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    for (let run = 1; run <= 3; run++) {
      const claim = await crash.opened.window.claim(LEASE);
      expect(claim).toMatchObject({ kind: "claimed", group: { run } });
      if (claim.kind === "claimed" && claim.group.lostRun) {
        const { startedAt } = claim.group.lostRun;
        for (const { job, createdAt } of claim.group.entries) {
          await jobs.find(job)?.job.loseRun(run - 1, startedAt, { window: crash.opened.id, createdAt });
        }
      }
      await loseLease(crash.opened);
      // The second in a row is followed by a wait.
      crash.opened.ahead += 5000;
    }
    await deliver(crash);
    const documents = await readAll(crash, ids);
    expect(documents.map(({ error, attempts }) => [error?.code, attempts.length])).toEqual(
      ids.map(() => ["attempts_exhausted", 3]),
    );
    await crash.opened.alarm();
    expect([crash.isolate.calls, await crash.opened.keys()]).toEqual([[], []]);
  });

  it("the window cannot store jobs that come: they are run by themselves", async () => {
    const crash = await openCrash();
    crash.opened.writeFails = true;
    const ids = await submitAll(crash, "ab");
    expect(crash.isolate.sent.length).toBeGreaterThan(0);
    crash.opened.writeFails = false;
    await crash.isolate.deliver("headrace-jobs", [{ v: 1, jobs: ids }]);
    expect((await readAll(crash, ids)).map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
  });

  it("the message is a dead letter: its jobs are still run", async () => {
    const crash = await openCrash();
    const ids = await submitAll(crash);
    expect(await crash.isolate.deliver("headrace-jobs-dead", [{ v: 1, window: crash.opened.id }])).toEqual(
      DONE,
    );
    await loseLease(crash.opened);
    await deliver(crash);
    await expectEnded(crash, ids, ["abcd"]);
  });
});
