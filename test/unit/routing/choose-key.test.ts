import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyRest } from "../../../worker/domain/resilience/key-rest.ts";
import { chooseKey, type KeyState } from "../../../worker/domain/routing/choose-key.ts";
import { err, ok } from "../../../worker/domain/result.ts";

const NOW = 1_000_000;
const rest = (forMs: number, change: Partial<KeyRest> = {}): KeyRest => ({
  why: "refused",
  failures: 1,
  since: NOW - 1,
  until: NOW + forMs,
  isTold: false,
  probedUntil: 0,
  ...change,
});
const told = (forMs: number) => rest(forMs, { why: "limited", isTold: true });
const choose = (rests: readonly (KeyRest | undefined)[], tried: readonly number[] = [], roll = 1) =>
  chooseKey(
    rests.map((each, key) => ({ key, rest: each, isTried: tried.includes(key) })),
    { now: NOW, roll },
  );

describe("the key of a call", () => {
  it("is any of those that do not rest, by the roll", () => {
    const chosen = [0.01, 0.5, 0.51, 1].map((roll) => choose([undefined, rest(5), undefined], [], roll));
    expect(chosen).toEqual([ok(0), ok(0), ok(2), ok(2)]);
  });

  it("is none that was tried for the same request", () => {
    expect(choose([undefined, undefined, undefined], [0, 2])).toEqual(ok(1));
    expect(choose([undefined, undefined], [0, 1])).toEqual(
      err({ isLimited: false, retryAfterMs: undefined }),
    );
  });

  it("is one whose rest is over, but for what another call finds out", () => {
    expect(choose([rest(5), rest(0)])).toEqual(ok(1));
    expect(choose([rest(5), rest(0, { probedUntil: NOW + 1 }), undefined])).toEqual(ok(2));
  });

  it("is, where all rest, the one that rests shortest, once a request", () => {
    expect(choose([rest(9), rest(5), rest(7)])).toEqual(ok(1));
    expect(choose([rest(9), rest(5), rest(7)], [1])).toMatchObject({ ok: false });
  });

  it("is none where all rest and the provider has said when to come back", () => {
    expect(choose([told(9000), told(5000), rest(1)])).toEqual(err({ isLimited: true, retryAfterMs: 5000 }));
  });

  it("may be one that is at its limit for nobody knows how long, rather than none", () => {
    const untold = rest(9, { why: "limited" });
    expect(choose([untold, rest(10)])).toEqual(ok(0));
    expect(choose([untold, rest(10)], [0])).toEqual(err({ isLimited: true, retryAfterMs: undefined }));
  });

  it("never rests nor was tried while there is one that does neither; with equal rolls, all are chosen", () => {
    const state = fc.record({
      rest: fc.option(
        fc.integer({ min: -5, max: 5 }).map((ms) => rest(ms)),
        { nil: undefined },
      ),
      isTried: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 8 }), (drawn) => {
        const states: KeyState<number>[] = drawn.map((each, key) => ({ key, ...each }));
        const isFree = (each: KeyState<number>) => !each.isTried && (each.rest?.until ?? 0) <= NOW;
        const free = states.filter(isFree).map(({ key }) => key);
        const rolls = Array.from({ length: 64 }, (_, at) => (at + 1) / 64);
        const chosen = rolls.map((roll) => chooseKey(states, { now: NOW, roll }));
        if (free.length === 0) return;
        expect(new Set(chosen.map((each) => each.ok && each.value))).toEqual(new Set(free));
      }),
    );
  });
});
