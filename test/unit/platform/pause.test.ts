import { describe, expect, it, vi } from "vitest";
import { pause } from "../../../worker/platform/pause.ts";

describe("pause", () => {
  it("is over when its time has passed, or its signal aborts, whichever is first", async () => {
    vi.useFakeTimers();
    const long = new AbortController();
    const ends: string[] = [];
    void pause(1000, long.signal).then(() => ends.push("aborted"));
    void pause(50).then(() => ends.push("passed"));
    await vi.advanceTimersByTimeAsync(50);
    expect(ends).toEqual(["passed"]);
    long.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(["passed", "aborted"]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("does not begin where its signal has aborted already", async () => {
    await expect(pause(1_000_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
