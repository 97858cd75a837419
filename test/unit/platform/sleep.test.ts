import { describe, expect, it, vi } from "vitest";
import { sleep } from "../../../worker/platform/sleep.ts";

describe("pause", () => {
  it("is over when its time has passed, or its signal aborts, whichever is first", async () => {
    vi.useFakeTimers();
    const long = new AbortController();
    const ends: string[] = [];
    void sleep(1000, long.signal).then(() => ends.push("aborted"));
    void sleep(50).then(() => ends.push("passed"));
    await vi.advanceTimersByTimeAsync(50);
    expect(ends).toEqual(["passed"]);
    long.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(["passed", "aborted"]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("is over at once where its signal has aborted already", async () => {
    await expect(sleep(1_000_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
