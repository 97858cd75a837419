import { describe, expect, it } from "vitest";
import { readOptions } from "../../chaos/options.ts";
import { JOB_KINDS } from "../../chaos/load/job-kinds.ts";
import { buildPlan } from "../../chaos/plan.ts";

const options = (...args: string[]) => {
  const read = readOptions(["--seed", "3", ...args]);
  if (!read) throw new Error("these ask for no help");
  return read;
};

describe("the plan of a run", () => {
  const plan = buildPlan(options());

  it("is the same for the same seed, and another for another", () => {
    expect(JSON.stringify(buildPlan(options()))).toBe(JSON.stringify(plan));
    expect(JSON.stringify(buildPlan(options("--seed", "4")))).not.toBe(JSON.stringify(plan));
  });

  it("has 2,000 jobs of every kind, a key each, and more than twenty kills", () => {
    expect(new Set(plan.orders.map(({ key }) => key)).size).toBe(2000);
    expect(new Set(plan.orders.map(({ text }) => text)).size).toBe(2000);
    expect(new Set(plan.orders.map(({ kind }) => kind))).toEqual(new Set(JOB_KINDS));
    expect(plan.livesMs.length).toBeGreaterThan(20);
  });

  it("has two outages between the kills, or those that it is told", () => {
    expect(plan.outages).toEqual([
      { afterKills: 8, lengthMs: 1000 },
      { afterKills: 16, lengthMs: 20_000 },
    ]);
    expect(buildPlan(options("--outages", "3", "--kills", "2")).outages).toEqual([
      { afterKills: 1, lengthMs: 3000 },
    ]);
    expect(buildPlan(options("--outages", "")).outages).toEqual([]);
  });

  it("has a fifth of the jobs canceled, deleted or retried, though no retry shares its calls", () => {
    const changed = Map.groupBy(plan.orders, ({ change }) => change);
    expect(new Set(changed.keys())).toEqual(new Set(["cancel", "delete", "retry", null]));
    expect(changed.get(null)?.length).toBeGreaterThan(1500);
    for (const change of ["cancel", "delete", "retry"] as const)
      expect(changed.get(change)?.length).toBeGreaterThan(80);
    expect(changed.get("retry")?.some(({ kind }) => kind.shared)).toBe(false);
  });

  it("submits some orders twice at once", () => {
    const doubled = plan.orders.filter(({ copies }) => copies === 2).length;
    expect(doubled).toBeGreaterThan(100);
    expect(doubled).toBeLessThan(300);
  });

  it("spreads waves of submissions over the load, and kills as far as that", () => {
    const last = Math.max(...plan.orders.map(({ atMs }) => atMs));
    expect(last).toBeGreaterThan(140_000);
    expect(last).toBeLessThan(150_000);
    const waves = new Set(plan.orders.map(({ atMs }) => Math.floor(atMs / 3000)));
    expect(waves.size).toBe(50);
    expect(plan.orders.every(({ atMs }) => atMs % 3000 <= 400)).toBe(true);
    const lived = plan.livesMs.reduce((sum, life) => sum + life);
    expect(lived).toBeGreaterThan(100_000);
    expect(lived).toBeLessThan(250_000);
    expect(Math.min(...plan.livesMs)).toBeGreaterThanOrEqual(0);
  });

  it("has the provider fail 30 %, hang 2 % and send garbage 2 % unless told otherwise", () => {
    const share = (kinds: readonly (string | undefined)[]) =>
      plan.mix.faults
        .filter(({ fault }) => kinds.includes(fault.kind))
        .reduce((sum, each) => sum + each.share, 0);
    expect(share(["status", "reset"])).toBeCloseTo(0.3);
    expect(share(["hang"])).toBeCloseTo(0.02);
    expect(share(["invalid-json", "html", "cut"])).toBeCloseTo(0.02);
    expect(plan.mix.faults.reduce((sum, each) => sum + each.share, 0)).toBeLessThan(1);
  });
});

describe("the command line", () => {
  it("asks for help, or for a run", () => {
    expect(readOptions(["--help"])).toBeUndefined();
    expect(options("--jobs", "60", "--fail-rate", "0.5")).toMatchObject({ jobs: 60, seed: 3, failRate: 0.5 });
  });

  it.each([
    ["--jobs", "many", "--jobs: expected a whole number"],
    ["--kills", "1.5", "--kills: expected a whole number"],
    ["--fail-rate", "2", "--fail-rate: expected a number from 0 to 1"],
    ["--hang-rate", "-1", "--hang-rate: expected a number from 0 to 1"],
    ["--outages", "1,x", "--outages: expected a whole number"],
    ["--jobs", "", "--jobs: expected a whole number"],
  ])("refuses %s=%s", (name, value, message) => {
    expect(() => readOptions([`${name}=${value}`])).toThrow(message);
  });

  it("refuses what it does not know", () => expect(() => readOptions(["--job", "3"])).toThrow("--job"));
});
