import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AimdRule,
  type AimdState,
  type CallOutcome,
  hearEnd,
  judgeRoom,
  openAimd,
} from "../../../worker/domain/resilience/aimd.ts";
import { failureOfRefusal } from "../../../worker/domain/routing/upstream-failure.ts";

const T = 1_000_000;
const rule = { min: 2, max: 100 };
const call = (outcome: CallOutcome, startedAt = T, wasFull = true) => ({
  outcome,
  startedAt,
  endedAt: startedAt + 100,
  wasFull,
});

describe("a limit that adapts", () => {
  it("begins with the least, and doubles in the time of a call until the target has too much", () => {
    let state = openAimd(rule);
    const limits = [state.limit];
    for (let round = 0; round < 5; round++) {
      const { limit } = state;
      for (let done = 0; done < limit; done++) state = hearEnd(state, rule, call("answered"));
      limits.push(state.limit);
    }
    expect(limits).toEqual([2, 4, 8, 16, 32, 64]);
  });

  it("grows by one in the time of a call from then on", () => {
    let state = hearEnd({ limit: 20, loweredAt: 0 }, rule, call("overloaded"));
    expect(state.limit).toBeCloseTo(14);
    for (let done = 0; done < 14; done++) state = hearEnd(state, rule, call("answered", state.loweredAt));
    expect(state.limit).toBeGreaterThan(14.9);
    expect(state.limit).toBeLessThan(15.1);
  });

  it("is lowered once by all calls of one burst", () => {
    let state: AimdState = { limit: 50, loweredAt: 0 };
    for (let failed = 0; failed < 50; failed++) state = hearEnd(state, rule, call("overloaded"));
    expect(state.limit).toBe(35);
    expect(hearEnd(state, rule, call("overloaded", state.loweredAt)).limit).toBeCloseTo(24.5);
  });

  it("does not grow by answers while there is room, nor by what says nothing", () => {
    const state = openAimd(rule);
    expect(hearEnd(state, rule, call("answered", T, false))).toBe(state);
    expect(hearEnd(state, rule, call("unknown"))).toBe(state);
  });

  it("stays within its bounds, whatever happens", () => {
    const outcomes = fc.array(fc.constantFrom<CallOutcome>("answered", "overloaded", "unknown"), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(50), outcomes, (min, more, all) => {
        const bounds: AimdRule = { min, max: min + more };
        let state = openAimd(bounds);
        all.forEach((outcome, at) => {
          state = hearEnd(state, bounds, call(outcome, T + at * 200));
          expect(state.limit).toBeGreaterThanOrEqual(bounds.min);
          expect(state.limit).toBeLessThanOrEqual(bounds.max);
        });
      }),
    );
  });

  it("finds what a target can do, and isolates that share it come to equal shares", () => {
    const capacity = 40;
    const limits: AimdState[] = [
      { limit: 2, loweredAt: 1 },
      { limit: 30, loweredAt: 1 },
    ];
    const seen: [number, number][] = [];
    for (let round = 0; round < 600; round++) {
      const startedAt = T + round * 100;
      const under = limits.map(({ limit }) => Math.floor(limit));
      const total = under.reduce((sum, one) => sum + one, 0);
      limits.forEach((state, at) => {
        let next = state;
        for (let done = 0; done < (under[at] ?? 0); done++)
          next = hearEnd(next, rule, call(total > capacity ? "overloaded" : "answered", startedAt));
        limits[at] = next;
      });
      if (round >= 300) seen.push([under[0] ?? 0, under[1] ?? 0]);
    }
    const mean = (at: 0 | 1) => seen.reduce((sum, pair) => sum + pair[at], 0) / seen.length;
    expect(mean(0) + mean(1)).toBeGreaterThan(0.75 * capacity);
    expect(mean(0) + mean(1)).toBeLessThanOrEqual(capacity + 2);
    expect(Math.abs(mean(0) - mean(1))).toBeLessThan(2);
  });
});

describe("what an end says of a target's room", () => {
  it.each<[number, CallOutcome]>([
    [429, "overloaded"],
    [503, "overloaded"],
    [529, "overloaded"],
    [504, "overloaded"],
    [500, "unknown"],
    [401, "unknown"],
    [400, "answered"],
  ])("status %d: %s", (status, outcome) => {
    expect(judgeRoom({ ...failureOfRefusal({ status }), status })).toBe(outcome);
  });

  it("nothing, where the client has left or its time was over; a provider that is silent has too much", () => {
    const outcomes = (["client_closed", "deadline_exceeded", "upstream_timeout"] as const).map((code) =>
      judgeRoom({ error: { code } }),
    );
    expect(outcomes).toEqual(["unknown", "unknown", "overloaded"]);
  });
});
