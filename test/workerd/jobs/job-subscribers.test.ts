import { describe, expect, it } from "vitest";
import { FOLLOW_HEADERS } from "../../../worker/domain/jobs/job-events.ts";
import { answer, failedRun, submission, TENANT } from "../../unit/jobs/job-events.ts";
import { openJob, type OpenJob } from "./open-job.ts";

const LEASE = 600_000;
const STREAM = 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\ndata: [DONE]\n\n';
const streamed = (text = STREAM) =>
  answer({ contentType: "text/event-stream", output: new TextEncoder().encode(text) });

interface Subscriber {
  readonly socket: WebSocket;
  /** The ids of what has come so far. */
  readonly ids: string[];
  readonly texts: string[];
  readonly closed: Promise<number>;
}

const connect = (open: OpenJob, after = "0-0", tenant = TENANT) =>
  open.connect({
    upgrade: "websocket",
    [FOLLOW_HEADERS.tenant]: encodeURIComponent(tenant),
    [FOLLOW_HEADERS.after]: after,
  });

async function subscribe(open: OpenJob, after?: string): Promise<Subscriber> {
  const { status, webSocket: socket } = await connect(open, after);
  if (!socket) throw new Error(`not connected: ${status}`);
  const texts: string[] = [];
  const ids: string[] = [];
  const closed = Promise.withResolvers<number>();
  socket.addEventListener("message", ({ data }) => {
    texts.push(String(data));
    if (data !== "pong") ids.push((JSON.parse(String(data)) as { id: string }).id);
  });
  socket.addEventListener("close", ({ code }) => closed.resolve(code));
  socket.accept();
  return { socket, ids, texts, closed: closed.promise };
}

async function started(): Promise<OpenJob> {
  const open = await openJob();
  await open.job.submitAndClaim(submission(), LEASE);
  return open;
}

describe("a job's subscriber", () => {
  it("gets what has been and what comes, and is let go after the last event", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    const follower = await subscribe(open);
    await open.job.claim(LEASE);
    await open.job.failAttempt(1, failedRun());
    open.clock = 1000;
    await open.job.claim(LEASE);
    await open.job.complete(2, answer());
    expect(await follower.closed).toBe(1000);
    expect(follower.texts.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual([
      "job.queued",
      "job.started",
      "job.retrying",
      "job.started",
      "job.succeeded",
    ]);
    expect(follower.ids).toEqual(["1-0", "2-0", "3-0", "4-0", "5-0"]);
  });

  it("of another tenant's job, or of none, finds nothing", async () => {
    const open = await started();
    expect((await connect(open, "0-0", "other")).status).toBe(404);
    expect((await connect(await openJob())).status).toBe(404);
  });

  it("whose tenant's name is no header's text finds its job", async () => {
    const open = await openJob();
    await open.job.submit(submission({ tenant: "m\u00fchle \u2603" }));
    expect((await connect(open, "0-0", "m\u00fchle \u2603")).status).toBe(101);
  });

  it("that knows all of a job that has ended has nothing to wait for", async () => {
    const open = await started();
    await open.job.complete(1, answer());
    expect((await connect(open, "3-0")).status).toBe(204);
    const late = await subscribe(open, "2-0");
    expect(await late.closed).toBe(1000);
    expect(late.ids).toEqual(["3-0"]);
  });

  it("hears no event twice when nothing has changed", async () => {
    const open = await started();
    const follower = await subscribe(open);
    await open.job.extend(1, LEASE);
    await open.job.read(TENANT, true);
    await open.job.cancel(TENANT);
    await open.job.cancel(TENANT);
    await expect.poll(() => follower.ids).toEqual(["1-0", "2-0", "3-0"]);
  });

  it("that has left is not counted, and not missed", async () => {
    const open = await started();
    const follower = await subscribe(open);
    expect(await open.job.append(1, 0, ["1"])).toMatchObject({ watchers: 1 });
    follower.socket.close(1000);
    await expect.poll(() => open.job.append(1, 1, [])).toMatchObject({ watchers: 0 });
    expect(await open.job.complete(1, streamed())).toMatchObject({ status: "succeeded" });
  });

  it("is told of what time alone decides", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    const follower = await subscribe(open);
    open.clock = 3_600_000;
    await open.alarm();
    expect(await follower.closed).toBe(1000);
    expect(JSON.parse(follower.texts[1] ?? "")).toMatchObject({ error: "deadline_exceeded" });
  });

  it("is answered a ping, and is sent away for anything else", async () => {
    const open = await started();
    const follower = await subscribe(open);
    follower.socket.send("ping");
    await expect.poll(() => follower.texts.at(-1)).toBe("pong");
    follower.socket.send("tell me more");
    expect(await follower.closed).toBe(1008);
  });
});

describe("a streamed job", () => {
  it("shows its chunks as they come, to all who watch the same", async () => {
    const open = await started();
    const one = await subscribe(open);
    expect(await open.job.append(1, 0, ['{"n":1}'])).toEqual({ kind: "kept", have: 1, watchers: 1 });
    const two = await subscribe(open);
    expect(await open.job.append(1, 1, ['{"n":2}'])).toEqual({ kind: "kept", have: 2, watchers: 2 });
    await open.job.complete(1, streamed());
    await Promise.all([one.closed, two.closed]);
    expect(one.ids).toEqual(["1-0", "2-0", "2-1", "2-2", "2-3", "3-0"]);
    expect(two.texts).toEqual(one.texts);
    expect(JSON.parse(one.texts[2] ?? "")).toEqual({
      id: "2-1",
      type: "job.output",
      job: open.id,
      output: { n: 1 },
    });
  });

  it("is told to who comes after the end by the same events", async () => {
    const open = await started();
    const live = await subscribe(open);
    await open.job.append(1, 0, ['{"n":1}', '{"n":2}']);
    await open.job.complete(1, streamed());
    await live.closed;
    await open.evict();
    for (let known = 0; known < live.ids.length; known++) {
      const late = await subscribe(open, live.ids[known - 1]);
      await late.closed;
      expect(late.texts).toEqual(live.texts.slice(known));
    }
  });

  it("goes on for those who watch when the object has been out of memory meanwhile", async () => {
    const open = await started();
    const follower = await subscribe(open);
    await open.job.append(1, 0, ['{"n":1}']);
    await expect.poll(() => follower.ids.at(-1)).toBe("2-1");
    await open.evict();
    // It has lost what it had: the runner is told, and sends all of it again.
    expect(await open.job.append(1, 1, ['{"n":2}'])).toEqual({ kind: "kept", have: 0, watchers: 1 });
    expect(await open.job.append(1, 0, ['{"n":1}', '{"n":2}'])).toMatchObject({ have: 2 });
    await expect.poll(() => follower.ids.at(-1)).toBe("2-2");
    await open.evict();
    await open.job.complete(1, streamed());
    expect(await follower.closed).toBe(1000);
    expect(follower.ids).toEqual(["1-0", "2-0", "2-1", "2-2", "2-3", "3-0"]);
  });

  it("takes a chunk once, however often it is sent", async () => {
    const open = await started();
    const follower = await subscribe(open);
    await open.job.append(1, 0, ['{"n":1}']);
    await open.job.append(1, 0, ['{"n":1}', '{"n":2}']);
    await open.job.append(1, 0, ['{"n":1}']);
    await open.job.complete(1, streamed());
    await follower.closed;
    expect(follower.ids).toEqual(["1-0", "2-0", "2-1", "2-2", "2-3", "3-0"]);
  });

  it("begins anew with each run, and takes nothing from a run that has lost its lease", async () => {
    const open = await started();
    const follower = await subscribe(open);
    await open.job.append(1, 0, ['{"old":1}', '{"old":2}']);
    await open.job.failAttempt(1, failedRun());
    open.clock = 1000;
    await open.job.claim(LEASE);
    expect(await open.job.append(1, 2, ['{"zombie":3}'])).toEqual({ kind: "refused" });
    await open.job.append(2, 0, ['{"n":1}']);
    const late = await subscribe(open);
    await open.job.complete(2, streamed());
    await Promise.all([follower.closed, late.closed]);
    const end = ["4-0", "4-1", "4-2", "4-3", "5-0"];
    expect(follower.ids).toEqual(["1-0", "2-0", "2-1", "2-2", "3-0", ...end]);
    expect(late.ids).toEqual(["1-0", "2-0", "3-0", ...end]);
    expect(await open.job.append(2, 3, ['{"n":4}'])).toEqual({ kind: "refused" });
  });

  it("takes nothing more once it is to be canceled", async () => {
    const open = await started();
    await open.job.append(1, 0, ['{"n":1}']);
    await open.job.cancel(TENANT);
    expect(await open.job.append(1, 1, ['{"n":2}'])).toEqual({ kind: "refused" });
  });

  it("shows no more than fits in memory, and all of it in the end", async () => {
    const open = await started();
    const follower = await subscribe(open);
    const chunk = JSON.stringify("a".repeat(5 * 1024 * 1024));
    expect(await open.job.append(1, 0, [chunk])).toMatchObject({ kind: "kept" });
    expect(await open.job.append(1, 1, [chunk])).toEqual({ kind: "full" });
    await open.job.complete(1, streamed(`data: ${chunk}\n\n`.repeat(2)));
    await follower.closed;
    expect(follower.ids).toEqual(["1-0", "2-0", "2-1", "2-2", "3-0"]);
  });

  it("shows no more than its isolate has room for, and lets go of it when the run ends", async () => {
    const open = await started();
    const other = open.held.open("other");
    const mine = open.held.open(TENANT);
    other.grow(5_000_000);
    mine.grow(14_999_000);
    expect(await open.job.append(1, 0, ['{"n":1}'])).toMatchObject({ kind: "kept" });
    mine.grow(1000);
    expect(await open.job.append(1, 1, ['{"n":2}'])).toEqual({ kind: "full" });
    await open.job.complete(1, streamed('data: {"n":1}\n\n'));
    expect(open.held.total).toBe(20_000_000);
  });

  it("writes no row for what it shows", async () => {
    const open = await started();
    const before = open.rows.length;
    await subscribe(open);
    await open.job.append(1, 0, ['{"n":1}']);
    expect(open.rows).toHaveLength(before);
  });
});
