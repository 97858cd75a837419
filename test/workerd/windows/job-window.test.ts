import { describe, expect, it } from "vitest";
import type { JobWindowReplies } from "../../../worker/domain/windows/job-window-protocol.ts";
import type { WindowSpec } from "../../../worker/domain/windows/request-window-protocol.ts";
import { answer, submission } from "../../unit/jobs/job-events.ts";
import { entry } from "../../unit/windows/window-world.ts";
import { openJob, T } from "../jobs/open-job.ts";
import { openJobWindow, type OpenJobWindow } from "./open-job-window.ts";

const LEASE = 30_000;
const spec: WindowSpec = {
  route: "embed",
  target: "targets[0]=a/b",
  task: "embeddings",
  parameters: { a: 1 },
};
const policy = { maxItems: 16, maxTokens: 1000, padded: false, maxDelayMs: 60_000 };
const open = () => openJobWindow(undefined, { policy });
const add = ({ window }: OpenJobWindow, ids: string) =>
  Promise.all(Array.from(ids).map((id) => window.add(spec, entry(id))));
const SIXTEEN = "abcdefghijklmnop";

async function claimed({ window }: OpenJobWindow) {
  const reply: JobWindowReplies["claim"] = await window.claim(LEASE);
  if (reply.kind !== "claimed") throw new Error("nothing was claimed");
  return reply.group;
}

describe("a window of jobs", () => {
  it("takes jobs from their arrival to the end of their run, with a message a group", async () => {
    const opened = await open();
    expect(await add(opened, SIXTEEN)).toEqual(Array.from(SIXTEEN).map(() => ({ kind: "held" })));
    expect(opened.sent).toEqual([0]);
    const group = await claimed(opened);
    expect(group).toMatchObject({ run: 1, lostRun: null, spec });
    expect(group.entries.map(({ id }) => id).join("")).toBe(SIXTEEN);
    expect(await opened.window.claim(LEASE)).toEqual({ kind: "none" });
    expect(await opened.window.settle(group.id, 1, [])).toEqual({ kind: "settled" });
    await opened.alarm();
    expect(await opened.keys()).toEqual([]);
    expect(await opened.armedIn()).toBeNull();
  });

  it("writes for sixteen jobs that come together four rows, of which one is the alarm's; a job writes two", async () => {
    const opened = await open();
    await add(opened, SIXTEEN);
    const group = await claimed(opened);
    await opened.window.settle(group.id, 1, []);
    expect(opened.rows).toEqual(["arrivals:0", "setAlarm", "head", "head"]);
    const job = await openJob();
    await job.job.submit(submission(), { window: opened.id, maxDelayMs: 60_000 });
    await job.job.complete(1, answer(), { window: opened.id, createdAt: T });
    // The alarm is that of its retention, set once for all.
    expect(job.rows).toEqual(["put job", "setAlarm", "put job"]);
    job.clock = 200_000_000;
    await job.alarm();
    expect(job.rows.filter((row) => row !== "put job")).toEqual(["setAlarm"]);
    expect(await job.armedAt()).toBeNull();
  });

  it("has its jobs' ends in their directory before it gets the reply, at least once", async () => {
    const job = await openJob();
    await job.job.submit(submission(), { window: "aa", maxDelayMs: 60_000 });
    job.listFails = true;
    const [lost] = await Promise.allSettled([job.job.complete(1, answer(), { window: "aa", createdAt: T })]);
    expect([lost.status, job.listed]).toEqual(["rejected", []]);
    job.listFails = false;
    await job.evict();
    expect(await job.job.loseRun(1, 0, { window: "aa", createdAt: T })).toEqual({
      kind: "refused",
      why: "terminal",
    });
    expect(job.listed).toMatchObject([{ id: job.id, status: "succeeded" }]);
  });

  it("has stored what it says that it holds", async () => {
    const opened = await open();
    await add(opened, "abc");
    await opened.evict();
    await add(opened, "cd");
    await opened.evict();
    opened.ahead += 60_000;
    await opened.alarm();
    expect(opened.sent).toEqual([0]);
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("that cannot write says so, holds nothing new, and is as before", async () => {
    const opened = await open();
    await add(opened, "ab");
    opened.writeFails = true;
    const refused = await Promise.allSettled(
      Array.from("cd").map((id) => opened.window.add(spec, entry(id))),
    );
    expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    opened.writeFails = false;
    expect(await add(opened, "c")).toEqual([{ kind: "held" }]);
    opened.ahead += 60_000;
    opened.writeFails = true;
    const [lost] = await Promise.allSettled([opened.window.claim(LEASE)]);
    expect(lost).toMatchObject({ status: "rejected", reason: { message: "the disk is full" } });
    opened.writeFails = false;
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("loses no job and runs none twice when it is evicted between any two steps", async () => {
    const opened = await open();
    await add(opened, SIXTEEN);
    await opened.evict();
    const first = await claimed(opened);
    await opened.evict();
    expect(await opened.window.extend(first.id, 1, LEASE)).toEqual({ kind: "extended" });
    expect(await opened.window.claim(LEASE)).toEqual({ kind: "none" });
    await add(opened, "q");
    await opened.evict();
    const again = { ids: ["a", "b"], notBefore: Date.now(), untold: false, postponed: false };
    expect(await opened.window.settle(first.id, 1, [again])).toEqual({ kind: "settled" });
    await opened.evict();
    const second = await claimed(opened);
    expect([second.run, second.entries.map(({ id }) => id)]).toEqual([2, ["a", "b"]]);
    await opened.evict();
    expect(await opened.window.settle(first.id, 1, [])).toEqual({ kind: "refused" });
    opened.ahead += LEASE;
    await opened.alarm();
    await opened.evict();
    // It was the group's second run: the third waits for two seconds.
    opened.ahead += 2000;
    const third = await claimed(opened);
    expect(third).toMatchObject({ id: second.id, run: 3, lostRun: { startedAt: expect.any(Number) } });
    await opened.evict();
    expect(await opened.window.settle(third.id, 3, [])).toEqual({ kind: "settled" });
    opened.ahead += 60_000;
    await opened.alarm();
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["q"]);
  });

  it("sends unclaimed groups again, and once where an alarm comes twice", async () => {
    const opened = await open();
    opened.sendFails = true;
    await add(opened, SIXTEEN);
    expect(opened.logged).toEqual(["window_send_failed"]);
    opened.sendFails = false;
    await opened.evict();
    await opened.inside((instance) => instance.alarm());
    await opened.inside((instance) => instance.alarm());
    expect(opened.sent).toEqual([0, 0]);
    const group = await claimed(opened);
    await opened.inside((instance) => instance.alarm());
    expect(opened.sent).toEqual([0, 0]);
    await opened.window.settle(group.id, 1, []);
    await opened.inside((instance) => instance.alarm());
    await opened.inside((instance) => instance.alarm());
    expect(opened.sent).toEqual([0, 0]);
  });

  it("whose alarm fails sets another, and goes on", async () => {
    const opened = await open();
    await add(opened, "a");
    opened.ahead += 60_000;
    opened.policy = undefined;
    await opened.evict();
    await opened.inside((instance) => {
      instance.ports = {
        ...instance.ports,
        policyOf: () => {
          throw new Error("a bug");
        },
      };
    });
    await opened.alarm();
    expect(opened.logged).toEqual(["window_alarm_failed"]);
    expect(await opened.armedIn()).toBeGreaterThan(0);
    await opened.evict();
    await opened.alarm();
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["a"]);
  });

  it("of a route whose jobs no longer share calls takes no more jobs, and sends those that wait at once", async () => {
    const opened = await open();
    await add(opened, "ab");
    opened.policy = undefined;
    await opened.evict();
    expect(await opened.window.add(spec, entry("c"))).toEqual({ kind: "full" });
    await opened.alarm();
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("keeps jobs that come while an alarm finds nothing else", async () => {
    const opened = await open();
    await add(opened, SIXTEEN);
    const group = await claimed(opened);
    await opened.window.settle(group.id, 1, []);
    const coming = add(opened, "qr");
    await opened.inside((instance) => instance.alarm());
    expect(await coming).toEqual([{ kind: "held" }, { kind: "held" }]);
    await opened.evict();
    opened.ahead += 60_000;
    await opened.alarm();
    expect((await claimed(opened)).entries.map(({ id }) => id)).toEqual(["q", "r"]);
  });
});
