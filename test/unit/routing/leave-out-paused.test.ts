import { describe, expect, it } from "vitest";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import { healthOf, orderOf, planningOf, targetOf } from "./targets.ts";

const targets = ["one", "two", "three"].map((name) => targetOf(name));
const [one, two, three] = targets;

describe("a plan where breakers are open", () => {
  it("leaves those targets out, and says when they are called again", () => {
    const health = healthOf({ waits: { one: 8200, three: 300 } });
    expect(planTargets(planningOf(targets, { health }))).toEqual({
      targets: [two],
      skipped: [
        { label: "one", why: "keeps failing: it is called again in 9 s" },
        { label: "three", why: "keeps failing: it is called again in 1 s" },
      ],
      lastResort: [three, one],
      paused: one,
    });
  });

  it("names the one whose answers may be in the cache only where it would be first", () => {
    const health = healthOf({ waits: { two: 1000 } });
    expect(planTargets(planningOf(targets, { health }))).toMatchObject({
      targets: [one, three],
      paused: undefined,
    });
  });

  it("keeps them all where all are open, the one first that is called again soonest", () => {
    const health = healthOf({ waits: { one: 8000, two: 300_000, three: 300 } });
    const plan = planTargets(planningOf(targets, { health, route: { strategy: "weighted" } }));
    expect(plan.targets).toEqual([three, one, two]);
    expect(plan.skipped).toEqual([]);
  });

  it("has the others in the order of the strategy, or after the target that broke off", () => {
    const times = { two: 900, three: 100 };
    const route = { strategy: "fastest" } as const;
    const health = healthOf({ waits: { one: 1000 }, times });
    expect(orderOf(targets, { health, route })).toEqual(["three", "two"]);
    expect(orderOf(targets, { health: healthOf({ waits: { three: 1 } }), brokeAt: "one" })).toEqual([
      "two",
      "one",
    ]);
  });
});
