import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import {
  hearCall,
  letOneThrough,
  pausedMs,
  type TargetPause,
} from "../../../worker/domain/resilience/target-pause.ts";
import { TargetHealth } from "../../../worker/platform/target-health.ts";

const DOWN: GatewayError = { code: "upstream_error" };
const TARGET = { provider: "one", model: "big" };
type State = TargetPause | undefined;

const call = (before: State, at: number, error: GatewayError | undefined, startedAt = at) =>
  hearCall(before, { startedAt, endedAt: at, error });

/** A target that has failed so often in a row, at one time. */
const failed = (times: number, at = 0, error = DOWN): State =>
  Array.from({ length: times }).reduce<State>((before) => call(before, at, error), undefined);

describe("a target that fails", () => {
  it("is paused after the fifth failure in a row, and no success between", () => {
    expect(pausedMs(failed(4), 0, 1)).toBeUndefined();
    expect(pausedMs(failed(5), 0, 1)).toBe(2000);
    expect(call(failed(4), 1, undefined)).toBeUndefined();
  });

  it("lets one call through after each pause; its failure begins a longer one, up to five minutes", () => {
    let pause = failed(5);
    const lengths: number[] = [];
    for (let now = 0; lengths.length < 12; now = pause?.until ?? NaN) {
      if (lengths.length > 0) {
        expect(pausedMs(pause, now, 1)).toBeUndefined();
        pause = letOneThrough(pause as TargetPause, now);
        expect(pausedMs(pause, now, 1)).toBeGreaterThan(0);
        pause = call(pause, now, DOWN);
      }
      lengths.push((pause?.until ?? NaN) - now);
    }
    expect(lengths.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  it("lets another through where nothing is heard of the first", () => {
    const pause = letOneThrough(failed(5) as TargetPause, 1000);
    expect(pausedMs(pause, 1999, 1)).toBeDefined();
    expect(pausedMs(pause, 2000, 1)).toBeUndefined();
  });

  it("is not paused for longer by calls that began before the pause was over", () => {
    for (const startedAt of [50, 150, 1099]) {
      expect(call(failed(5, 100), 1200, DOWN, startedAt)?.until).toBe(1100);
    }
    expect(call(failed(5, 100), 1200, DOWN, 1100)?.until).toBe(3200);
  });

  it("is left alone for as long as it asks, five minutes at most", () => {
    expect(failed(5, 0, { ...DOWN, retryAfterMs: 20_000 })?.until).toBe(20_000);
    expect(failed(5, 0, { ...DOWN, retryAfterMs: 3_600_000 })?.until).toBe(300_000);
  });

  it("is well where it answers, or refuses what no repeat would mend", () => {
    const refusals: GatewayError[] = [{ code: "invalid_request" }, { ...DOWN, retryable: false }];
    for (const error of [undefined, ...refusals]) expect(call(failed(9), 1, error)).toBeUndefined();
  });

  it("is judged neither by callers that left nor by their deadlines", () => {
    for (const code of ["client_closed", "deadline_exceeded", "internal_error"] as const) {
      expect(call(failed(4), 1, { code })).toEqual(failed(4));
    }
  });

  it("has its callers come back at different times", () => {
    const pause = { failures: 9, pauseMs: 64_000, overAt: 64_000, until: 64_000 };
    expect([0, 0.5, 1].map((roll) => pausedMs(pause, 4000, roll))).toEqual([60_000, 92_000, 124_000]);
  });

  it("is asked again within twice five minutes, whatever happens", () => {
    const event = fc.constantFrom<GatewayError | undefined>(
      DOWN,
      { code: "rate_limited", retryAfterMs: 86_400_000 },
      { code: "client_closed" },
      undefined,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000_000), event, fc.boolean())), (steps) => {
        let pause: State;
        let now = 0;
        for (const [ms, error, enters] of steps) {
          now += ms;
          if (enters && pause && pausedMs(pause, now, 1) === undefined) pause = letOneThrough(pause, now);
          pause = call(pause, now, error);
          expect(pausedMs(pause, now, 1) ?? 0).toBeLessThanOrEqual(600_000);
        }
      }),
    );
  });
});

describe("the pauses of an isolate", () => {
  const down = (pauses: TargetHealth, times: number, target = TARGET) => {
    for (let n = 0; n < times; n++) pauses.hear(target, { startedAt: 0, endedAt: 0, error: DOWN });
  };

  it("are each target's own, and let one in after each", () => {
    const pauses = new TargetHealth(() => 1);
    down(pauses, 5);
    expect(pauses.find({ ...TARGET, model: "small" }, 0)).toBeUndefined();
    expect([pauses.enter(TARGET, 999), pauses.find(TARGET, 1000)]).toEqual([1001, undefined]);
    expect([pauses.enter(TARGET, 1000), pauses.enter(TARGET, 1000)]).toEqual([undefined, 2000]);
    pauses.hear(TARGET, { startedAt: 1000, endedAt: 1500, error: undefined });
    expect(pauses.enter(TARGET, 1500)).toBeUndefined();
  });

  it("are bounded: the one that was heard of longest ago is forgotten", () => {
    const pauses = new TargetHealth(() => 1);
    down(pauses, 5);
    for (let n = 0; n < 1000; n++) down(pauses, 1, { ...TARGET, model: `model-${n}` });
    expect(pauses.find(TARGET, 0)).toBeUndefined();
  });
});
