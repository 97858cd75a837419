import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startWatchdog } from "../../../worker/streams/watchdog.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => Date.now();

/** A watch that notes when it rang, in milliseconds from its start, and why. */
function watch(quietMs: number, deadlineMs: number, firstMs?: number) {
  const startedAt = now();
  const rings: [string, number][] = [];
  const limits = { quietMs, firstMs, deadline: { at: startedAt + deadlineMs } };
  const watchdog = startWatchdog(limits, now, (what) => rings.push([what, now() - startedAt]));
  return { watchdog, rings };
}

describe("startWatchdog", () => {
  it("rings once when nothing was heard for so long", () => {
    const { rings } = watch(100, 10_000);
    vi.advanceTimersByTime(99);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(20_000);
    expect(rings).toEqual([["quiet", 100]]);
  });

  it("waits through a pause, and counts anew from the touch that ends it", () => {
    const { watchdog, rings } = watch(100, 10_000);
    watchdog.pause();
    vi.advanceTimersByTime(350);
    expect(rings).toEqual([]);
    watchdog.touch();
    vi.advanceTimersByTime(1000);
    expect(rings).toEqual([["quiet", 450]]);
  });

  it("counts on from where a pause began, where it is only waited on", () => {
    const { watchdog, rings } = watch(100, 10_000);
    vi.advanceTimersByTime(60);
    watchdog.pause();
    vi.advanceTimersByTime(500);
    watchdog.wait();
    watchdog.wait();
    vi.advanceTimersByTime(39);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(rings).toEqual([["quiet", 600]]);
  });

  it("counts by another limit from when it is set", () => {
    const { watchdog, rings } = watch(1000, 10_000);
    vi.advanceTimersByTime(300);
    watchdog.setPace({ quietMs: 100 });
    vi.advanceTimersByTime(60);
    expect(watchdog.leftMs()).toBe(40);
    watchdog.touch();
    vi.advanceTimersByTime(1000);
    expect(rings).toEqual([["quiet", 460]]);
  });

  it("rings sooner, under another name, where the first part is to come sooner", () => {
    const { rings } = watch(1000, 10_000, 200);
    vi.advanceTimersByTime(20_000);
    expect(rings).toEqual([["first_token", 200]]);
  });

  it("counts as the limits have it once the first part has come", () => {
    const { watchdog, rings } = watch(1000, 10_000, 200);
    vi.advanceTimersByTime(150);
    watchdog.setPace({});
    vi.advanceTimersByTime(20_000);
    expect(rings).toEqual([["quiet", 1150]]);
  });

  it("ends a pause at the deadline", () => {
    const { watchdog, rings } = watch(100, 1000);
    watchdog.pause();
    vi.advanceTimersByTime(20_000);
    expect(rings).toEqual([["deadline", 1000]]);
  });

  it("counts from what was heard last", () => {
    const { watchdog, rings } = watch(100, 10_000);
    vi.advanceTimersByTime(60);
    watchdog.touch();
    vi.advanceTimersByTime(90);
    watchdog.touch();
    vi.advanceTimersByTime(1000);
    expect(rings).toEqual([["quiet", 250]]);
  });

  it("rings at the deadline however busy it was", () => {
    const { watchdog, rings } = watch(100, 500);
    for (let at = 0; at < 60; at++) {
      vi.advanceTimersByTime(10);
      watchdog.touch();
    }
    expect(rings).toEqual([["deadline", 500]]);
  });

  it("says the deadline passed where that comes first", () => {
    const { rings } = watch(1000, 300);
    vi.advanceTimersByTime(5000);
    expect(rings).toEqual([["deadline", 300]]);
  });

  it("rings at once when the deadline has passed already", () => {
    const { rings } = watch(1000, -5);
    vi.advanceTimersByTime(0);
    expect(rings).toEqual([["deadline", 0]]);
  });

  it("keeps one timer for any number of touches", () => {
    const { watchdog } = watch(100, 10_000);
    for (let at = 0; at < 1000; at++) watchdog.touch();
    expect(vi.getTimerCount()).toBe(1);
  });

  it("never rings once stopped, and leaves no timer", () => {
    const { watchdog, rings } = watch(100, 500);
    watchdog.touch();
    watchdog.stop();
    watchdog.touch();
    vi.advanceTimersByTime(10_000);
    expect(rings).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may be stopped after a timer was set anew", () => {
    const { watchdog, rings } = watch(100, 10_000);
    vi.advanceTimersByTime(60);
    watchdog.touch();
    vi.advanceTimersByTime(50);
    watchdog.stop();
    vi.advanceTimersByTime(10_000);
    expect(rings).toEqual([]);
  });
});

describe("startWatchdog with a least pace", () => {
  /** Ten parts a second, half a second behind at most. */
  function watchPace() {
    const watched = watch(60_000, 1_000_000);
    watched.watchdog.setPace({ quietMs: 500, minPerSecond: 10 });
    const speak = (times: number, everyMs: number, parts?: number) => {
      for (let at = 0; at < times; at++) {
        vi.advanceTimersByTime(everyMs);
        watched.watchdog.touch(parts);
      }
    };
    return { ...watched, speak };
  }

  it("lets all go on that keep it, however they pack it, and after a pause for breath", () => {
    const { rings, speak } = watchPace();
    speak(100, 100);
    speak(10, 400, 4);
    speak(1, 490);
    speak(100, 90);
    expect(rings).toEqual([]);
  });

  it("ends what is slower for as long as that takes to fall behind by so much", () => {
    const { rings, speak } = watchPace();
    speak(100, 200);
    // Each part costs 200 ms and earns 100: of 500 ms there are 200 left after the third, at 600 ms.
    expect(rings).toEqual([["slow", 800]]);
  });

  it("does not let a burst pay for more than that", () => {
    const { watchdog, rings, speak } = watchPace();
    watchdog.touch(1000);
    speak(100, 200);
    expect(rings).toEqual([["slow", 800]]);
  });

  it("calls silence after a good pace silence", () => {
    const { rings, speak } = watchPace();
    speak(10, 100);
    vi.advanceTimersByTime(5000);
    expect(rings).toEqual([["quiet", 1500]]);
  });

  it("does not count the time in which nothing is waited for", () => {
    const { watchdog, rings, speak } = watchPace();
    speak(3, 200);
    watchdog.pause();
    vi.advanceTimersByTime(60_000);
    watchdog.wait();
    vi.advanceTimersByTime(199);
    expect(rings).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rings).toEqual([["slow", 60_800]]);
  });

  it("has no pace where none is set", () => {
    const { watchdog, rings } = watch(500, 1_000_000);
    watchdog.setPace({ minPerSecond: undefined });
    for (let at = 0; at < 10; at++) {
      vi.advanceTimersByTime(499);
      watchdog.touch();
    }
    expect(rings).toEqual([]);
  });
});
