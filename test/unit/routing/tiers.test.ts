import { describe, expect, it } from "vitest";
import { computeSaved } from "../../../worker/domain/money/saved.ts";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import { healthOf, orderOf, planningOf, rolls, targetOf } from "./targets.ts";

const price = (usd: number) => ({ price: { inputPerMillion: usd, outputPerMillion: usd } });
const fast = targetOf("fast", { tier: "interactive", ...price(30) });
const plain = targetOf("plain", price(10));
const flex = targetOf("flex", { tier: "economy", serviceTier: "flex", ...price(5) });
const night = targetOf("night", { tier: "economy", hours: { from: "22:00", to: "06:00" }, ...price(1) });
const targets = [plain, fast, flex, night];
const noon = Date.parse("2026-12-01T12:00:00Z");
const midnight = Date.parse("2026-12-01T00:00:00Z");

describe("the tiers of targets", () => {
  it("order them by how much the work hurries", () => {
    const order = (priority: "interactive" | "normal" | "economy") =>
      orderOf(targets, { priority, now: midnight });
    expect(order("interactive")).toEqual(["fast", "plain", "flex", "night"]);
    expect(order("normal")).toEqual(["plain", "fast", "flex", "night"]);
    expect(order("economy")).toEqual(["flex", "night", "plain", "fast"]);
  });

  it("have off-peak servers only in their hours, and fall back up the list", () => {
    const economy = { priority: "economy", route: { strategy: "cheapest" } } as const;
    const body = { messages: [{ role: "user", content: "Hello" }] };
    expect(orderOf(targets, { ...economy, body, now: midnight })).toEqual(["night", "flex", "plain", "fast"]);
    expect(orderOf(targets, { ...economy, body, now: noon })).toEqual(["flex", "plain", "fast"]);
    const health = healthOf({ waits: { flex: 9000 } });
    expect(orderOf(targets, { ...economy, body, health, now: noon })).toEqual(["plain", "fast"]);
  });

  it("have the route's strategy within each of them", () => {
    const economy = [targetOf("a", { tier: "economy" }), targetOf("b", { tier: "economy" })];
    const route = { strategy: "weighted" } as const;
    const orders = rolls(200).map((roll) =>
      orderOf([plain, ...economy], { route, roll, priority: "economy" }),
    );
    expect(new Set(orders.map(([first]) => first))).toEqual(new Set(["a", "b"]));
    expect(new Set(orders.map((order) => order[2]))).toEqual(new Set(["plain"]));
  });

  it("tell where economy work would have gone had it hurried, and nothing of other work", () => {
    const hurried = (priority: "normal" | "economy", of = targets) =>
      planTargets(planningOf(of, { priority })).hurried?.label;
    expect([hurried("economy"), hurried("normal"), hurried("economy", [plain])]).toEqual([
      "fast",
      undefined,
      undefined,
    ]);
  });
});

describe("what economy work saves", () => {
  const usage = { prompt_tokens: 600_000, completion_tokens: 400_000, total_tokens: 1_000_000 };
  const settled = { usage, estimated: false, costUsd: 5, complete: true };

  it("is the difference to the price of the target for hurried work", () => {
    expect(computeSaved(settled, fast)).toBeCloseTo(25, 9);
    expect(computeSaved({ ...settled, costUsd: 40 }, fast)).toBeCloseTo(-10, 9);
  });

  it("is not known of an estimate, of unknown prices, or where it makes no difference", () => {
    expect(computeSaved({ ...settled, estimated: true }, fast)).toBeUndefined();
    expect(computeSaved({ ...settled, costUsd: undefined }, fast)).toBeUndefined();
    expect(computeSaved(settled, targetOf("nobody-knows"))).toBeUndefined();
    expect(computeSaved(settled, undefined)).toBeUndefined();
  });
});
