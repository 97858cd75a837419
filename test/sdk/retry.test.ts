import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../sdk/clock.ts";
import type { Clock } from "../../sdk/clock.ts";
import { HeadraceError } from "../../sdk/index.ts";
import { parseRetryAfterMs, retryDelayMs, withRetries } from "../../sdk/retry.ts";
import type { Failure, Outcome } from "../../sdk/retry.ts";
import { rejectionOf } from "./rejection.ts";

function failure(fields: { status?: number; retryAfterMs?: number; retry?: boolean } = {}): Failure {
  const { retry = true, ...rest } = fields;
  return { ok: false, retry, error: new HeadraceError("Failed.", { code: "upstream_error", ...rest }) };
}

describe("retryDelayMs", () => {
  it("is the roll's share of a doubling base", () => {
    expect([0, 1, 2, 3].map((retry) => retryDelayMs(retry, 0.5, failure({ status: 503 })))).toEqual([
      50, 100, 200, 400,
    ]);
  });

  it("starts at five times that where the server is throttling", () => {
    expect([0, 1].map((retry) => retryDelayMs(retry, 0.5, failure({ status: 429 })))).toEqual([250, 500]);
  });

  it("is never more than 20 s, however many retries there were", () => {
    expect(retryDelayMs(2_000, 1, failure({ status: 503 }))).toBe(20_000);
  });

  it("can be nothing at all", () => {
    expect(retryDelayMs(5, 0, failure())).toBe(0);
  });

  it.each([0, 1, 1500, 60_000])("is what the server asked for: %i ms", (retryAfterMs) => {
    expect(retryDelayMs(3, 0.5, failure({ status: 429, retryAfterMs }))).toBe(retryAfterMs);
  });

  it("gives up where the server asks for more than a minute", () => {
    expect(retryDelayMs(0, 0.5, failure({ retryAfterMs: 60_001 }))).toBeUndefined();
  });

  it("gives up where a repeat is of no use", () => {
    expect(retryDelayMs(0, 0.5, failure({ retry: false, retryAfterMs: 0 }))).toBeUndefined();
  });
});

describe("parseRetryAfterMs", () => {
  const nowMs = Date.parse("Sun, 06 Nov 1994 08:49:30 GMT");

  it.each<[string | null, number | undefined]>([
    ["0", 0],
    ["30", 30_000],
    ["1.5", 1500],
    ["60", 60_000],
    ["86400", 86_400_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 7000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 7000],
    ["Sun, 06 Nov 1994 08:49:30 GMT", 0],
    ["Sun, 06 Nov 1994 08:49:29 GMT", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    [".5", undefined],
    ["soon", undefined],
    ["soon GMT", undefined],
    ["1994-11-06", undefined],
    ["", undefined],
    [null, undefined],
  ])("reads %j as %j", (header, delayMs) => {
    expect(parseRetryAfterMs(header, nowMs)).toBe(delayMs);
  });
});

/** A clock that stands still but for its sleeps, which it keeps a list of. */
function stillClock(sleeps: number[], roll = 0.5): Clock {
  let nowMs = 1000;
  const sleep = (delayMs: number): Promise<void> => {
    sleeps.push(delayMs);
    nowMs += delayMs;
    return Promise.resolve();
  };
  return { now: () => nowMs, random: () => roll, sleep };
}

/** Gives these outcomes one after the other. */
function attempts(...outcomes: Outcome<string>[]): (retries: number) => Promise<Outcome<string>> {
  return (retries) => Promise.resolve(outcomes[retries] ?? failure({ status: 599 }));
}

const unwanted = (): Promise<Outcome<string>> => Promise.reject(new Error("attempted"));
const success: Outcome<string> = { ok: true, value: "done" };
const policy = { maxRetries: 2, deadlineMs: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

describe("withRetries", () => {
  it("gives the first success", async () => {
    const sleeps: number[] = [];
    const run = attempts(failure({ status: 503 }), failure({ status: 429 }), success);
    expect(await withRetries(policy, run, stillClock(sleeps))).toBe("done");
    expect(sleeps).toEqual([50, 500]);
  });

  it("throws the last error when the retries are used up", async () => {
    const sleeps: number[] = [];
    const run = attempts(
      failure({ status: 500 }),
      failure({ status: 502 }),
      failure({ status: 503 }),
      success,
    );
    expect(await rejectionOf(withRetries(policy, run, stillClock(sleeps)))).toMatchObject({ status: 503 });
    expect(sleeps).toHaveLength(2);
  });

  it("never sleeps with maxRetries 0", async () => {
    const sleeps: number[] = [];
    const run = attempts(failure({ status: 500 }), success);
    const call = withRetries({ ...policy, maxRetries: 0 }, run, stillClock(sleeps));
    expect(await rejectionOf(call)).toMatchObject({ status: 500 });
    expect(sleeps).toEqual([]);
  });

  it("fails at once where the delay would not fit before the deadline", async () => {
    const sleeps: number[] = [];
    const run = attempts(
      failure({ retryAfterMs: 400, status: 500 }),
      failure({ retryAfterMs: 600, status: 502 }),
      success,
    );
    const call = withRetries({ ...policy, deadlineMs: 2000 }, run, stillClock(sleeps));
    expect(await rejectionOf(call)).toMatchObject({ status: 502, retryAfterMs: 600 });
    expect(sleeps).toEqual([400]);
  });

  it("throws the signal's reason where it aborts during a sleep", async () => {
    const controller = new AbortController();
    const reason = new HeadraceError("Stop.", { code: "aborted" });
    let started = 0;
    const clock: Clock = {
      ...systemClock,
      sleep: (_, signal) => {
        const sleeping = systemClock.sleep(3_600_000, signal);
        controller.abort(reason);
        return sleeping;
      },
    };
    const run = (): Promise<Outcome<string>> => {
      started += 1;
      return Promise.resolve(failure());
    };
    await expect(withRetries({ ...policy, signal: controller.signal }, run, clock)).rejects.toBe(reason);
    expect(started).toBe(1);
  });

  it("throws the signal's reason rather than the error of the attempt it ended", async () => {
    const controller = new AbortController();
    const reason = new HeadraceError("Stop.", { code: "aborted" });
    const run = (): Promise<Outcome<string>> => {
      controller.abort(reason);
      return Promise.resolve(failure({ status: 500 }));
    };
    const call = withRetries({ ...policy, maxRetries: 0, signal: controller.signal }, run, stillClock([]));
    await expect(call).rejects.toBe(reason);
  });

  it("makes no attempt where the signal has aborted before", async () => {
    const reason = new HeadraceError("Stop.", { code: "aborted" });
    const call = withRetries({ ...policy, signal: AbortSignal.abort(reason) }, unwanted, stillClock([]));
    await expect(call).rejects.toBe(reason);
  });
});

describe("systemClock", () => {
  it("sleeps, and refuses to where the signal has aborted", async () => {
    await systemClock.sleep(1, policy.signal);
    const reason = new Error("Stop.");
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("leaves no timer of a sleep that was cut short", async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const sleep = systemClock.sleep(60_000, controller.signal);
    controller.abort(new Error("Stop."));
    await expect(sleep).rejects.toThrow("Stop.");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("rolls in [0, 1)", () => {
    const roll = systemClock.random();
    expect(roll >= 0 && roll < 1).toBe(true);
  });
});
