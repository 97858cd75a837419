import { describe, expect, it } from "vitest";
import { err, ok, type Result } from "../../../worker/domain/result.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";
import type { UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";
import { followPlan } from "../../../worker/flows/targets/follow-plan.ts";

type Answered = Result<string, UpstreamFailure>;
/** When a target's call ends, in milliseconds, and how. */
type Script = Readonly<Record<string, readonly [endsAfterMs: number, Answered]>>;

const CLOSED: Answered = err({ error: { code: "client_closed" }, tryNext: false });
const BROKEN: Answered = err({ error: { code: "upstream_error" }, tryNext: true, status: 500 });
const FAULTY: Answered = err({ error: { code: "invalid_request" }, tryNext: false, status: 400 });

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Follows a plan that is hedged after 100 ms; time goes from timer to timer. */
async function race(script: Script, { budget = 1, deadlineAt = 60_000 } = {}) {
  let clock = 0;
  let left = budget;
  const timers = new Set<Timer>();
  const after = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = { at: clock + ms, ring: resolve };
      timers.add(timer);
      signal?.addEventListener("abort", () => {
        timers.delete(timer);
        resolve();
      });
    });
  const started: [string, number][] = [];
  const stopped: string[] = [];
  const dropped: string[] = [];
  const following = followPlan({
    plan: { targets: Object.keys(script).map((label) => ({ label }) as Target), skipped: [] },
    members: [{ deadline: { at: deadlineAt } }],
    async attempt({ label }, _, signal) {
      started.push([label, clock]);
      const [ms, result] = script[label] ?? [0, BROKEN];
      await after(ms, label === "deaf" ? undefined : signal);
      if (!signal.aborted) return [result];
      stopped.push(label);
      return [label === "deaf" ? result : CLOSED];
    },
    signal: new AbortController().signal,
    now: () => clock,
    hedge: {
      delayMs: () => 100,
      spend: () => left-- > 0,
      drop: (answer) => void dropped.push(answer),
      sleep: after,
    },
  });
  const [end] = await Promise.race([following, runClock()]).then(() => following);
  for (let turn = 0; turn < 50; turn++) await step();
  return { end, started, stopped, dropped, timers: timers.size };

  async function runClock(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) await step();
  }

  async function step(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const [next] = [...timers].toSorted((one, other) => one.at - other.at);
    if (!next) return;
    timers.delete(next);
    clock = next.at;
    next.ring();
  }
}

describe("a call that is hedged", () => {
  it("is alone where it is answered in time", async () => {
    const { end, started } = await race({ one: [99, ok("one")], two: [1, ok("two")] });
    expect(end).toMatchObject({ ok: true, value: { answer: "one", attempts: [{ target: "one" }] } });
    expect(started).toEqual([["one", 0]]);
  });

  it("is answered by the second where that is first, and given up; both are told, the answer's last", async () => {
    const { end, started, stopped, timers } = await race({ one: [5000, ok("one")], two: [50, ok("two")] });
    expect(started).toEqual([
      ["one", 0],
      ["two", 100],
    ]);
    expect(stopped).toEqual(["one"]);
    expect(end).toMatchObject({
      ok: true,
      value: {
        answer: "two",
        attempts: [
          { target: "one", startedAt: 0, endedAt: 150, status: null, error: "hedge_lost" },
          { target: "two", startedAt: 100, endedAt: 150, status: 200, error: null },
        ],
      },
    });
    expect(timers).toBe(0);
  });

  it("gives the second up where the first is answered after all", async () => {
    const { end, stopped } = await race({ one: [120, ok("one")], two: [500, ok("two")] });
    expect(end).toMatchObject({ ok: true, value: { answer: "one", target: { label: "one" } } });
    expect(end?.ok && end.value.attempts.map(({ target }) => target)).toEqual(["two", "one"]);
    expect(stopped).toEqual(["two"]);
  });

  it("is made again at the same target where there is no other", async () => {
    const { end, started } = await race({ one: [500, ok("one")] });
    expect(started.map(([target]) => target)).toEqual(["one", "one"]);
    expect(end?.ok && end.value.attempts).toHaveLength(2);
  });

  it("waits for the other where one fails, and goes on behind both where both do", async () => {
    const one = await race({ one: [500, ok("one")], two: [10, BROKEN] });
    expect(one.end).toMatchObject({ ok: true, value: { answer: "one" } });
    const three = await race({ one: [500, BROKEN], two: [10, BROKEN], three: [1, ok("three")] });
    expect(three.end).toMatchObject({ ok: true, value: { answer: "three" } });
    expect(three.started.map(([target]) => target)).toEqual(["one", "two", "three"]);
  });

  it("ends where one finds the client at fault", async () => {
    const { end, stopped } = await race({ one: [500, ok("one")], two: [10, FAULTY] });
    expect(end).toMatchObject({ ok: false, error: { code: "invalid_request" } });
    expect(stopped).toEqual(["one"]);
  });

  it("is alone where the budget has no call to spare", async () => {
    const { end, started } = await race({ one: [500, ok("one")], two: [1, ok("two")] }, { budget: 0 });
    expect(end).toMatchObject({ ok: true, value: { answer: "one" } });
    expect(started).toHaveLength(1);
  });

  it("drops an answer that comes all the same after it was given up", async () => {
    const { end, dropped } = await race({ deaf: [500, ok("late")], two: [10, ok("two")] });
    expect(end).toMatchObject({ ok: true, value: { answer: "two" } });
    expect(dropped).toEqual(["late"]);
  });
});
