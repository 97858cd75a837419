import { describe, expect, it } from "vitest";
import { TargetHealth } from "../../../worker/platform/target-health.ts";

const TARGET = { provider: "one", model: "big" };
const down = (health: TargetHealth, times: number, target: typeof TARGET & { region?: string } = TARGET) => {
  for (let n = 0; n < times; n++)
    health.hear(target, { startedAt: 0, endedAt: 0, error: { code: "upstream_error" } });
};

describe("the health of an isolate's targets", () => {
  it("is each target's own, of each region", () => {
    const health = new TargetHealth(() => 1);
    down(health, 5);
    expect(health.waitMs(TARGET, 0)).toBe(1000);
    for (const other of [{ model: "small" }, { provider: "two" }, { region: "eu" }]) {
      expect(health.waitMs({ ...TARGET, ...other }, 0)).toBeUndefined();
    }
  });

  it("lets one in after a pause; work that nobody waits for comes back later than the others", () => {
    const health = new TargetHealth(() => 1);
    down(health, 5);
    expect(health.find(TARGET, 0)).toEqual({ kind: "refused", waitMs: 2000, code: "overloaded" });
    expect(health.enter(TARGET, 999, true)).toMatchObject({ kind: "refused", waitMs: 1 });
    expect(health.enter(TARGET, 1000, false)).toEqual({ kind: "entered", isTrial: true });
    expect(health.enter(TARGET, 1000, true)).toMatchObject({ kind: "refused" });
    health.hear(TARGET, { startedAt: 1000, endedAt: 1500, error: undefined, isTrial: true });
    expect(health.enter(TARGET, 1500, true)).toEqual({ kind: "entered", isTrial: false });
  });

  it("is bounded: what was heard of longest ago is forgotten", () => {
    const health = new TargetHealth(() => 1);
    const took = { startedAt: 0, endedAt: 50, answered: true };
    down(health, 5);
    health.hearTime(TARGET, "whole", took);
    for (let n = 0; n < 1000; n++) {
      down(health, 1, { ...TARGET, model: `model-${n}` });
      health.hearTime({ ...TARGET, model: `model-${n}` }, "whole", took);
    }
    expect(health.waitMs(TARGET, 0)).toBeUndefined();
    expect(health.latency(TARGET, "whole", 50)).toBeUndefined();
    expect(health.latency({ ...TARGET, model: "model-999" }, "whole", 50)?.samples).toBe(1);
  });

  it("keeps the times of streams and of whole answers apart", () => {
    const health = new TargetHealth(() => 1);
    health.hearTime(TARGET, "stream", { startedAt: 0, endedAt: 300, answered: true });
    health.hearTime(TARGET, "whole", { startedAt: 0, endedAt: 4000, answered: true });
    expect(health.latency(TARGET, "stream", 4000)?.p95Ms).toBeLessThan(400);
    expect(health.latency(TARGET, "whole", 4000)?.ewmaMs).toBe(4000);
  });
});
