import { describe, expect, it } from "vitest";
import { jobMessage } from "../../../worker/contract/job.ts";
import { createJobSender } from "../../../worker/platform/job-queue.ts";

const JOB = `job_${"A".repeat(43)}`;

describe("sending a job", () => {
  it("sends its id, in the message's own form, with the delay", async () => {
    const sent: unknown[] = [];
    const queue = { send: (...message: unknown[]) => Promise.resolve(sent.push(message)) };
    expect(await createJobSender(queue, 1000)(JOB, 7)).toEqual({ ok: true, value: undefined });
    expect(sent).toEqual([[{ v: 1, job: JOB }, { delaySeconds: 7 }]]);
    expect(jobMessage.safeParse({ v: 1, job: JOB }).success).toBe(true);
  });

  it("says why it failed, and never throws", async () => {
    const failing = { send: () => Promise.reject(new Error("Too Many Requests")) };
    expect(await createJobSender(failing, 1000)(JOB, 0)).toEqual({
      ok: false,
      error: "Error: Too Many Requests",
    });
    expect(await createJobSender(undefined, 1000)(JOB, 0)).toMatchObject({ ok: false });
  });

  it("gives up on a send that hangs", async () => {
    const hanging = { send: () => new Promise<never>(() => {}) };
    expect(await createJobSender(hanging, 1)(JOB, 0)).toEqual({ ok: false, error: "no answer within 1 ms" });
  });
});

describe("a queue's message", () => {
  it.each([{ v: 2, job: JOB }, { v: 1, job: "job_1" }, { v: 1 }, { v: 1, job: JOB, more: 1 }, "text", null])(
    "is refused where it is not one: %j",
    (message) => expect(jobMessage.safeParse(message).success).toBe(false),
  );
});
