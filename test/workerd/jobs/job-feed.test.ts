import { describe, expect, it } from "vitest";
import { HeldBytes } from "../../../worker/domain/answers/held-bytes.ts";
import { openJobFeed } from "../../../worker/platform/job-feed.ts";

function open(held = new HeldBytes(() => Date.now())) {
  const { 0: near, 1: far } = new WebSocketPair();
  const feed = openJobFeed(near, held.open("acme"));
  far.accept();
  const closed = new Promise<number>((resolve) => {
    far.addEventListener("close", ({ code }) => resolve(code));
  });
  return { feed, far, closed };
}
const LONG = 60_000;

describe("a job's feed", () => {
  it("gives what has come, together, and then its end", async () => {
    const { feed, far } = open();
    far.send("a");
    far.send("b");
    far.close(1000);
    const texts: string[] = [];
    let step = await feed.next(LONG);
    for (; step.kind === "events"; step = await feed.next(LONG)) texts.push(...step.texts);
    expect([texts, step]).toEqual([["a", "b"], { kind: "end", whole: true }]);
    expect(await feed.next(LONG)).toEqual({ kind: "end", whole: true });
  });

  it("is quiet when nothing comes in the time one would wait", async () => {
    const { feed } = open();
    expect(await feed.next(1)).toEqual({ kind: "quiet" });
    expect(await feed.next(-1)).toEqual({ kind: "quiet" });
  });

  it("is not whole where its source went away", async () => {
    const { feed, far } = open();
    far.close(1011);
    expect(await feed.next(LONG)).toEqual({ kind: "end", whole: false });
  });

  it("ends for its source, too, when its reader leaves", async () => {
    const { feed, closed } = open();
    feed.close();
    feed.close();
    expect(await feed.next(LONG)).toEqual({ kind: "end", whole: false });
    expect(await closed).toBe(1000);
  });

  it("ends for a reader that is too slow with what it holds, which is bounded", async () => {
    const { feed, far, closed } = open();
    const megabyte = "a".repeat(1024 * 1024);
    for (let sent = 0; sent < 8; sent++) far.send(megabyte);
    expect(await closed).toBe(1000);
    const step = await feed.next(LONG);
    expect(step.kind === "events" && step.texts.length).toBe(5);
    expect(await feed.next(LONG)).toEqual({ kind: "end", whole: false });
  });

  it("ends with what it holds where the isolate has no room for more, and holds nothing once that is read", async () => {
    const held = new HeldBytes(() => Date.now(), 5000);
    const { feed, far, closed } = open(held);
    for (let sent = 0; sent < 8; sent++) far.send("a".repeat(1000));
    expect(await closed).toBe(1000);
    expect(held.total).toBe(6000);
    const step = await feed.next(LONG);
    expect(step.kind === "events" && step.texts.length).toBe(3);
    expect(held.total).toBe(0);
  });
});
