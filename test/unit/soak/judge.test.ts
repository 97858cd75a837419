import { describe, expect, it } from "vitest";
import { boundCalls, judgeSoak, type Soak } from "../../soak/judge.ts";
import { buildPlan } from "../../soak/plan.ts";

const MB = 1024 * 1024;
const outage = { fromMs: 0, untilMs: 10_000, kind: "503", calls: 20 } as const;
const good: Soak = {
  requests: 10_000,
  errors: [],
  outages: [outage],
  residentBytes: Array.from({ length: 100 }, (_, at) => (at < 20 ? 100 + at : 120) * MB),
  rate: 30,
  lateMs: 5,
  timeoutMs: 3000,
};
const growing = Array.from({ length: 100 }, (_, at) => (100 + at) * MB);
const times = (count: number) => Array.from({ length: count }, () => "503");

describe("the judgement of a soak", () => {
  it("is good where memory fills at first, a few fail, and a dead target is hardly called", () => {
    expect(judgeSoak({ ...good, errors: times(9) })).toEqual([]);
  });

  it.each([
    ["one in a thousand failed", { errors: times(10) }, /10 of 10000 requests failed/],
    ["memory that grows all along", { residentBytes: growing }, /grown by 50 MB/],
    ["a dead target that is called on and on", { outages: [{ ...outage, calls: 300 }] }, /300 calls/],
  ])("is bad with %s", (_, change, told) => {
    expect(judgeSoak({ ...good, ...change })).toEqual([expect.stringMatching(told)]);
  });

  it("lets a silent target be called until the first calls have timed out", () => {
    expect(boundCalls({ ...outage, kind: "silence" }, good) - boundCalls(outage, good)).toBe(90);
  });
});

it("a plan is the same for a seed, fills the time, and lets the provider be well between", () => {
  const options = { minutes: 10, rate: 30, seed: 7 };
  const plan = buildPlan(options);
  expect(buildPlan(options)).toEqual(plan);
  expect(new Set(plan.map(({ kind }) => kind)).size).toBe(6);
  expect(plan.at(-1)?.untilMs).toBeGreaterThan(570_000);
  for (const [at, { fromMs }] of plan.entries())
    expect(fromMs).toBeGreaterThan((plan[at - 1]?.untilMs ?? 0) + 999);
});
