import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import {
  type Breaker,
  endTrial,
  hearBegin,
  hearCall,
  letThrough,
  openMs,
  spreadMs,
} from "../../../worker/domain/resilience/breaker.ts";

const DOWN: GatewayError = { code: "upstream_error" };
const LIMITED: GatewayError = { code: "rate_limited", retryAfterMs: 20_000 };
type State = Breaker | undefined;

interface Told {
  readonly startedAt?: number;
  readonly isTrial?: boolean;
  readonly status?: number;
}

const call = (before: State, at: number, error: GatewayError | undefined, told: Told = {}) =>
  hearCall(before, { startedAt: at, endedAt: at, error, ...told });

/** A target that has failed so often in a row, at one time. */
const failed = (times: number, at = 0, error = DOWN): State =>
  Array.from({ length: times }).reduce<State>((before) => call(before, at, error), undefined);

/** The breaker after one call has come through, which is to be let through. */
function enter(before: State, now: number, isAwaited = false): Breaker {
  const through = before && letThrough(before, now, isAwaited);
  if (!through) throw new Error("not let through");
  return through;
}

/** Fails each call that is let through, at the first moment at which one is, and says when that was. */
function failEach(before: State, count: number, isAwaited = false): number[] {
  let breaker = before;
  const at: number[] = [];
  for (let now = 1; at.length < count; now += 100) {
    const through = breaker && letThrough(breaker, now, isAwaited);
    if (!through) continue;
    at.push(now);
    breaker = call(through, now, DOWN, { isTrial: through !== breaker });
  }
  return at;
}

describe("a breaker", () => {
  it("opens after the fifth failure in a row, and no success between", () => {
    expect(openMs(failed(4), 0)).toBeUndefined();
    expect(openMs(failed(5), 0)).toBe(1000);
    const mended = call(failed(4), 1, undefined);
    expect(openMs(call(mended, 2, DOWN), 2)).toBeUndefined();
  });

  it("opens where half of twenty calls within ten seconds fail", () => {
    const every = (ms: number, calls: number) => {
      let breaker: State;
      for (let n = 0; n < calls; n++) breaker = call(breaker, n * ms, n % 2 === 0 ? DOWN : undefined);
      return openMs(breaker, (calls - 1) * ms) !== undefined;
    };
    expect([every(100, 19), every(100, 21), every(600, 40)]).toEqual([false, true, false]);
  });

  it("opens later than after five in a row where so many come by chance", () => {
    const opensAfter = (failing: number) => {
      let breaker: State;
      for (let n = 0; n < 100; n++) breaker = call(breaker, n * 50, n % 10 < failing ? DOWN : undefined);
      let more = 0;
      while (openMs(breaker, 5000) === undefined) {
        breaker = call(breaker, 5000, DOWN);
        more++;
      }
      return more;
    };
    expect([1, 3, 4].map(opensAfter)).toEqual([5, 8, 10]);
  });

  it("is no reason to refuse a call that has nothing better, where half of the calls are answered", () => {
    let breaker: State;
    for (let n = 0; n <= 20; n++) breaker = call(breaker, n * 10, n % 2 === 0 ? DOWN : undefined);
    expect(openMs(breaker, 200)).toBe(1000);
    expect(letThrough(breaker as Breaker, 200, true)).toBe(breaker);
    expect(letThrough(breaker as Breaker, 200, false)).toBeUndefined();
    // It is dead where none is any more.
    for (let n = 0; n < 40; n++) breaker = call(breaker, 201 + n, DOWN);
    expect(letThrough(breaker as Breaker, 240, true)).toBeUndefined();
  });

  it("stays closed where fewer fail, however many are called", () => {
    let breaker: State;
    for (let n = 0; n < 10_000; n++) breaker = call(breaker, n, n % 5 < 2 ? DOWN : undefined);
    expect(openMs(breaker, 10_000)).toBeUndefined();
  });

  it("lets one call through after each pause; its failure begins a longer one, up to five minutes", () => {
    let breaker = failed(5);
    const lengths: number[] = [];
    for (let now = 0; lengths.length < 12; now += lengths.at(-1) ?? 0) {
      if (lengths.length > 0) {
        expect(openMs(breaker, now)).toBeUndefined();
        breaker = enter(breaker, now);
        expect(openMs(breaker, now)).toBe(1000);
        expect(letThrough(breaker, now + 29_999, true)).toBeUndefined();
        breaker = call(breaker, now, DOWN, { isTrial: true });
      }
      lengths.push(openMs(breaker, now) ?? 0);
    }
    expect(lengths.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  it("is closed by the success of that call, or by the first of its answer", () => {
    const tried = enter(failed(5), 1000);
    for (const hear of [hearCall, hearBegin]) {
      const closed = hear(tried, { startedAt: 1000, endedAt: 1400, error: undefined, isTrial: true });
      expect(openMs(closed, 1400)).toBeUndefined();
    }
  });

  it("opens for twice as long where it was closed only just before, and anew after some time", () => {
    const closed = call(enter(failed(5), 1000), 1000, undefined, { isTrial: true });
    const opened = (at: number) => {
      let breaker = closed;
      for (let n = 0; n < 5; n++) breaker = call(breaker, at, DOWN);
      return openMs(breaker, at);
    };
    expect([opened(2000), opened(10_999), opened(11_000)]).toEqual([2000, 2000, 1000]);
  });

  it("lets another call through at once where the first came to nothing, or is not heard of for 30 s", () => {
    const tried = enter(failed(5), 1000);
    const left = call(tried, 1500, { code: "client_closed" }, { isTrial: true });
    for (const free of [left, endTrial(tried)]) expect(openMs(free, 1500)).toBeUndefined();
    // Another's leaving says nothing of it.
    expect(openMs(call(tried, 1500, { code: "client_closed" }), 1500)).toBeDefined();
    expect([openMs(tried, 30_999), openMs(tried, 31_000)]).toEqual([1000, undefined]);
  });

  it("is told nothing by calls that began before it opened, or was closed again", () => {
    for (const startedAt of [50, 100]) {
      expect(openMs(call(failed(5, 100), 1200, DOWN, { startedAt }), 1200)).toBeUndefined();
      expect(openMs(call(failed(5, 100), 200, undefined, { startedAt }), 200)).toBe(900);
    }
    let closed = call(enter(failed(5), 1000), 1400, undefined, { startedAt: 1000, isTrial: true });
    for (let n = 0; n < 100; n++) closed = call(closed, 2000, DOWN, { startedAt: 900 });
    expect(openMs(closed, 2000)).toBeUndefined();
  });

  it("closes where a target refuses what no repeat would mend", () => {
    const refusals: GatewayError[] = [{ code: "invalid_request" }, { ...DOWN, retryable: false }];
    for (const error of refusals) {
      expect(openMs(call(failed(5), 1, error, { status: 400 }), 1)).toBeUndefined();
      // What the gateway itself refuses says nothing.
      expect(call(failed(5), 1, error)).toEqual(failed(5));
    }
  });

  it("judges neither callers that left nor their deadlines", () => {
    expect(
      hearCall(undefined, { startedAt: 0, endedAt: 1, error: { code: "overloaded", own: true } }),
    ).toBeUndefined();
    for (const code of ["client_closed", "deadline_exceeded", "internal_error", "not_configured"] as const) {
      expect(call(failed(4), 1, { code })).toEqual(failed(4));
    }
  });

  it("forgets a target that has been well for ten seconds", () => {
    expect(call(failed(4), 9999, undefined)).toBeDefined();
    expect(call(failed(4), 10_000, undefined)).toBeUndefined();
  });
});

describe("a target that says when to come back", () => {
  it("is left alone until then from the first time on, five minutes at most; then all may call", () => {
    const limited = failed(1, 0, LIMITED);
    expect([openMs(limited, 0), openMs(limited, 19_999), openMs(limited, 20_000)]).toEqual([
      20_000,
      1,
      undefined,
    ]);
    expect(enter(enter(limited, 20_000), 20_000).opening?.code).toBe("rate_limited");
    expect(openMs(failed(1, 0, { ...DOWN, retryAfterMs: 86_400_000 }), 0)).toBe(300_000);
    expect(openMs(failed(1, 0, { ...LIMITED, retryAfterMs: 0 }), 0)).toBeUndefined();
  });

  it("is limited once by calls that run at the same time, and longer where it says so later", () => {
    const burst = failed(100, 0, LIMITED);
    expect(burst?.opening?.admits).toBe("all");
    expect(openMs(call(burst, 500, { ...LIMITED, retryAfterMs: 60_000 }, { startedAt: 0 }), 500)).toBe(
      60_000,
    );
    expect(openMs(call(burst, 500, { ...LIMITED, retryAfterMs: 1000 }, { startedAt: 0 }), 500)).toBe(19_500);
  });

  it("lets one through at a time where it goes on refusing, after pauses that grow", () => {
    let breaker: State;
    const pauses: number[] = [];
    for (let now = 0; pauses.length < 7; now += pauses.at(-1) ?? 0) {
      breaker = call(breaker, now + 1, { ...LIMITED, retryAfterMs: 100 });
      pauses.push((openMs(breaker, now + 1) ?? 0) + 1);
    }
    expect(pauses).toEqual([101, 1001, 2001, 4001, 8001, 16_001, 32_001]);
    expect(breaker?.opening?.admits).toBe("one");
  });
});

describe("an open breaker", () => {
  it("lets one call a second through for somebody who waits, which makes no pause longer", () => {
    expect(failEach(failed(5), 4)).toEqual([1001, 3001, 7001, 15_001]);
    const gaps = failEach(failed(8), 40, true).map((at, n, all) => at - (all[n - 1] ?? at));
    expect(Math.max(...gaps)).toBe(1000);
    const tried = enter(enter(failed(5, 0, { ...DOWN, retryAfterMs: 60_000 }), 1000, true), 31_000, true);
    expect(openMs(call(tried, 31_100, DOWN, { startedAt: 31_000, isTrial: true }), 31_100)).toBe(28_900);
    expect(
      openMs(call(tried, 31_100, undefined, { startedAt: 31_000, isTrial: true }), 31_100),
    ).toBeUndefined();
  });

  it("has those that nobody waits for come back at different times", () => {
    const breaker = { ...(failed(5) as Breaker), pauseMs: 64_000 };
    expect([0, 0.5, 1].map((roll) => spreadMs(60_000, breaker, roll))).toEqual([60_000, 92_000, 124_000]);
  });

  it("lets at most one call through at a time, is asked again within five minutes, and never sticks", () => {
    const event = fc.constantFrom<GatewayError | undefined>(
      DOWN,
      LIMITED,
      { code: "client_closed" },
      undefined,
    );
    const step = fc.record({
      ms: fc.nat(400_000),
      error: event,
      takesMs: fc.nat(40_000),
      heard: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, isAwaited) => {
        let breaker = failed(5);
        let now = 0;
        for (const { ms, error, takesMs, heard } of steps) {
          now += ms;
          expect(openMs(breaker, now) ?? 0).toBeLessThanOrEqual(300_000);
          const through = breaker && letThrough(breaker, now, isAwaited);
          if (!through) continue;
          if (through.opening?.admits === "one") expect(letThrough(through, now, true)).toBeUndefined();
          const startedAt = now;
          now += takesMs;
          const isTrial = through !== breaker;
          breaker = heard ? call(through, now, error, { startedAt, isTrial }) : through;
        }
        expect(!breaker || letThrough(breaker, now + 330_000, false)).toBeTruthy();
      }),
    );
  });
});
