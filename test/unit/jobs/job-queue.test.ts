import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { jobMessage, MAX_JOBS_A_MESSAGE } from "../../../worker/contract/jobs/job-message.ts";
import { noticeMessage } from "../../../worker/contract/webhooks.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import { createJobAnnouncer } from "../../../worker/platform/job-announcer.ts";
import { createJobSender, createNoticeSender } from "../../../worker/platform/job-queue.ts";
import { sleep } from "../../../worker/platform/sleep.ts";

const JOB = `job_${"A".repeat(43)}`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("sending", () => {
  it("sends ids, in the message's own form, with the delay", async () => {
    const sent: [unknown, unknown][] = [];
    const queue = { send: (...message: [unknown, unknown]) => Promise.resolve(sent.push(message)) };
    expect(await createJobSender(queue)([JOB, JOB], 7)).toEqual({ ok: true, value: undefined });
    expect(await createNoticeSender(queue)(JOB, 0)).toMatchObject({ ok: true });
    const [jobs, notice] = sent;
    expect(jobs).toEqual([{ v: 1, jobs: [JOB, JOB] }, { delaySeconds: 7 }]);
    expect(jobMessage.parse(jobs?.[0])).toEqual(jobs?.[0]);
    expect(noticeMessage.parse(notice?.[0])).toEqual({ v: 1, job: JOB });
  });

  it("says why it failed, and never throws", async () => {
    const failing = { send: () => Promise.reject(new Error("Too Many Requests")) };
    expect(await createJobSender(failing)([JOB], 0)).toEqual(err("Error: Too Many Requests"));
  });

  it("gives up on a send that hangs", async () => {
    const hanging = { send: () => new Promise<never>(() => {}) };
    const sending = createJobSender(hanging)([JOB], 0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await sending).toEqual(err("no answer within 5000 ms"));
  });
});

describe("a queue's message", () => {
  it.each([
    { v: 2, jobs: [JOB] },
    { v: 1, jobs: [] },
    { v: 1, jobs: ["job_1"] },
    { v: 1, jobs: Array.from({ length: MAX_JOBS_A_MESSAGE + 1 }, () => JOB) },
    { v: 1 },
    { v: 1, window: "a name" },
    { v: 1, window: "a".repeat(64), jobs: [JOB] },
    { v: 1, jobs: [JOB], more: 1 },
    "text",
    null,
  ])("is refused where it is not one: %j", (message) =>
    expect(jobMessage.safeParse(message).success).toBe(false),
  );
});

/** An announcer whose messages are kept, on the test's clock. */
function announcer({ fails = false } = {}) {
  const messages: (readonly string[])[] = [];
  const logged: string[] = [];
  const announce = createJobAnnouncer({
    send: (jobs, delaySeconds) => {
      expect(delaySeconds).toBe(0);
      messages.push(jobs);
      return Promise.resolve(fails ? err("down") : ok(undefined));
    },
    sleep,
    now: () => Date.now(),
    log: { info: () => {}, warn: (event) => void logged.push(event) },
  });
  const works: Promise<unknown>[] = [];
  return { messages, logged, works, announce: (job: string) => announce(job, (work) => works.push(work)) };
}

describe("announcing accepted jobs", () => {
  it("sends one that comes alone at once", async () => {
    const { announce, messages } = announcer();
    announce("a");
    expect(messages).toEqual([["a"]]);
    await vi.advanceTimersByTimeAsync(100);
    announce("b");
    expect(messages).toEqual([["a"], ["b"]]);
  });

  it("sends those that come close together in one message, within a tenth of a second", async () => {
    const { announce, messages, works } = announcer();
    for (const job of ["a", "b", "c"]) announce(job);
    await vi.advanceTimersByTimeAsync(99);
    announce("d");
    expect(messages).toEqual([["a"]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(messages).toEqual([["a"], ["b", "c", "d"]]);
    announce("e");
    await vi.advanceTimersByTimeAsync(100);
    expect(messages.at(-1)).toEqual(["e"]);
    await Promise.all(works);
  });

  it("opens another message when one is full, and loses none", async () => {
    const { announce, messages } = announcer();
    const jobs = Array.from({ length: 3 * MAX_JOBS_A_MESSAGE }, (_, index) => String(index));
    for (const job of jobs) announce(job);
    await vi.advanceTimersByTimeAsync(100);
    expect(messages.flat()).toEqual(jobs);
    expect(Math.max(...messages.map(({ length }) => length))).toBe(MAX_JOBS_A_MESSAGE);
  });

  it("puts nothing more into a message whose request was stopped before sending it", async () => {
    const messages: (readonly string[])[] = [];
    let clock = 0;
    const announce = createJobAnnouncer({
      send: (jobs) => {
        messages.push(jobs);
        return Promise.resolve(ok(undefined));
      },
      // It never ends: the platform has ended the request.
      sleep: () => new Promise<never>(() => {}),
      now: () => clock,
      log: { info: () => {}, warn: () => {} },
    });
    for (const job of ["a", "b"]) announce(job, () => {});
    clock = 200;
    announce("c", () => {});
    expect(messages).toEqual([["a"], ["c"]]);
  });

  it("logs what could not be sent: the jobs' alarms send it", async () => {
    const { announce, logged, works } = announcer({ fails: true });
    announce("a");
    await Promise.all(works);
    expect(logged).toEqual(["job_send_failed"]);
  });
});
