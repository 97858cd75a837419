import { describe, expect, it, vi } from "vitest";
import type { AppendReply } from "../../../worker/domain/jobs/job-protocol.ts";
import { sleep } from "../../../worker/platform/sleep.ts";
import { ChunkSender, paceOf } from "../../../worker/flows/jobs/send-chunks.ts";

interface Call {
  readonly from: number;
  readonly chunks: readonly string[];
  reply(value: AppendReply | Error): Promise<void>;
}

/** A sender whose object answers when the test says so, with a clock that each answer moves on. */
function open() {
  const calls: Call[] = [];
  const clock = { now: 0 };
  const onRefused = vi.fn();
  const warn = vi.fn();
  const sender = new ChunkSender({
    sleep,
    append: (from, chunks) => {
      const answer = Promise.withResolvers<AppendReply>();
      calls.push({
        from,
        chunks,
        async reply(value) {
          clock.now += 10_000;
          if (value instanceof Error) answer.reject(value);
          else answer.resolve(value);
          for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        },
      });
      return answer.promise;
    },
    onRefused,
    now: () => clock.now,
    log: { info: () => {}, warn },
  });
  return { sender, calls, clock, onRefused, warn };
}

const kept = (have: number, watchers = 1): AppendReply => ({ kind: "kept", have, watchers });

describe("a run's chunks", () => {
  it("are sent at once, and what comes while they are on their way goes together", async () => {
    const { sender, calls } = open();
    sender.add(["a"]);
    sender.add(["b"]);
    sender.add(["c", "d"]);
    expect(calls.map(({ chunks }) => chunks)).toEqual([["a"]]);
    await calls[0]?.reply(kept(1));
    expect(calls[1]).toMatchObject({ from: 1, chunks: ["b", "c", "d"] });
    await calls[1]?.reply(kept(4));
    expect(calls).toHaveLength(2);
    sender.add(["e"]);
    expect(calls[2]).toMatchObject({ from: 4, chunks: ["e"] });
  });

  it("are sent again from where the object has forgotten them", async () => {
    const { sender, calls } = open();
    sender.add(["a", "b"]);
    await calls[0]?.reply(kept(2));
    sender.add(["c"]);
    await calls[1]?.reply(kept(0));
    expect(calls[2]).toMatchObject({ from: 0, chunks: ["a", "b", "c"] });
  });

  it("are sent again after a call that failed", async () => {
    const { sender, calls, warn } = open();
    sender.add(["a"]);
    await calls[0]?.reply(new Error("gone"));
    expect(calls[1]).toMatchObject({ from: 0, chunks: ["a"] });
    expect(warn).toHaveBeenCalledOnce();
  });

  it("are no longer sent where the object refuses them, and the run is stopped", async () => {
    const { sender, calls, onRefused } = open();
    sender.add(["a"]);
    await calls[0]?.reply({ kind: "refused" });
    sender.add(["b"]);
    expect(calls).toHaveLength(1);
    expect(onRefused).toHaveBeenCalledOnce();
  });

  it("are no longer sent where the object keeps no more of them, and the run goes on", async () => {
    const { sender, calls, onRefused } = open();
    sender.add(["a"]);
    await calls[0]?.reply({ kind: "full" });
    sender.add(["b"]);
    expect(calls).toHaveLength(1);
    expect(onRefused).not.toHaveBeenCalled();
  });

  it("are no longer sent after the end, and a refusal that comes then is ignored", async () => {
    const { sender, calls, onRefused } = open();
    sender.add(["a"]);
    sender.stop();
    sender.add(["b"]);
    await calls[0]?.reply({ kind: "refused" });
    expect(calls).toHaveLength(1);
    expect(onRefused).not.toHaveBeenCalled();
  });

  it("are sent at intervals: twenty times a second where the job is followed, else once a second", async () => {
    expect([paceOf(0), paceOf(1), paceOf(7)]).toEqual([1000, 50, 50]);
    vi.useFakeTimers();
    try {
      const { sender, calls, clock } = open();
      sender.add(["a"]);
      await calls[0]?.reply(kept(1, 0));
      clock.now = 300;
      sender.add(["b"]);
      expect(calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(699);
      expect(calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls[1]).toMatchObject({ from: 1, chunks: ["b"] });
    } finally {
      vi.useRealTimers();
    }
  });
});
