import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RegionConfig } from "../../../worker/contract/config/config.ts";
import { isWithin } from "../../../worker/domain/routing/opening-hours.ts";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import { countFirst, healthOf, orderOf, planningOf, rolls, targetOf } from "./targets.ts";

const frankfurt: RegionConfig = {
  continent: "EU",
  country: "DE",
  latitude: 50.1,
  longitude: 8.7,
  jurisdiction: "eu",
};
const virginia: RegionConfig = { continent: "NA", latitude: 38.9, longitude: -77.4 };
const tokyo: RegionConfig = { continent: "AS", country: "JP", latitude: 35.7, longitude: 139.7 };

const far = targetOf("tokyo", { location: tokyo });
const us = targetOf("virginia", { location: virginia });
const eu = targetOf("frankfurt", { location: frankfurt });
const anywhere = targetOf("anywhere");
const all = [anywhere, far, us, eu];

const paris = { continent: "EU", country: "FR", latitude: "48.85", longitude: "2.35" };
const from = (place: object | undefined) => orderOf(all, { place: () => place });

describe("targets with regions", () => {
  it("are tried from the nearest on, and those without one last", () => {
    expect(from(paris)).toEqual(["frankfurt", "virginia", "tokyo", "anywhere"]);
    expect(from({ continent: "AS", country: "KR", latitude: "37.5", longitude: "127" })[0]).toBe("tokyo");
    // Across the date line.
    expect(from({ continent: "OC", latitude: "21.3", longitude: "-179" })[0]).toBe("tokyo");
  });

  it("are near to all of their country, and to the middle of a continent where nothing more is known", () => {
    expect(from({ continent: "AS", country: "JP" })[0]).toBe("tokyo");
    expect(from({ continent: "EU" })[0]).toBe("frankfurt");
    expect(from({ continent: "NA" })[0]).toBe("virginia");
  });

  it("stay as they are where nobody knows where a request came from", () => {
    const asGiven = all.map(({ label }) => label);
    for (const place of [undefined, {}, { continent: "T1" }, { latitude: "north", longitude: "" }])
      expect(from(place)).toEqual(asGiven);
  });

  it("are shared out by weight where they are equally near", () => {
    const twins = [targetOf("a", { location: frankfurt }), targetOf("b", { location: frankfurt }), us];
    const route = { strategy: "weighted" } as const;
    const counts = countFirst(rolls(1000).map((roll) => orderOf(twins, { route, roll, place: () => paris })));
    expect(Object.keys(counts).toSorted()).toEqual(["a", "b"]);
    expect((counts["a"] ?? 0) / 1000).toBeCloseTo(0.5, 1);
  });

  it("are compared by price and time first where the route says so", () => {
    const price = (usd: number) => ({ price: { inputPerMillion: usd, outputPerMillion: usd } });
    const cheap = targetOf("cheap", { location: tokyo, ...price(1) });
    const near = targetOf("near", { location: frankfurt, ...price(2) });
    const same = targetOf("same", { location: virginia, ...price(1) });
    const place = () => paris;
    expect(orderOf([cheap, same, near], { route: { strategy: "cheapest" }, place })).toEqual([
      "same",
      "cheap",
      "near",
    ]);
    const health = healthOf({ times: { near: 900, cheap: 100 } });
    expect(orderOf([cheap, near], { route: { strategy: "fastest" }, place, health })[0]).toBe("cheap");
    expect(orderOf([cheap, near], { route: { strategy: "fastest" }, place })[0]).toBe("near");
  });
});

describe("a tenant's jurisdiction", () => {
  const here = targetOf("here", { runsIn: "worker" });
  const inside = { jurisdiction: "eu", place: () => ({ continent: "NA" }) };

  it("leaves out all targets that do not say they are in it, and what is computed in the Worker is", () => {
    const plan = planTargets(planningOf([...all, here], inside));
    expect(plan.targets.map(({ label }) => label)).toEqual(["frankfurt", "here"]);
    expect(plan.skipped).toContainEqual({
      label: "virginia",
      why: "is not in the tenant's jurisdiction, eu",
    });
    expect(plan.skipped).toHaveLength(3);
  });

  it("holds with every strategy, and whatever fails", () => {
    const strategy = fc.constantFrom("fallback", "weighted", "fastest", "cheapest");
    fc.assert(
      fc.property(strategy, fc.subarray(["frankfurt", "virginia"]), (kind, gone) => {
        const targets = all.map((target) => ({ ...target, drained: gone.includes(target.model) }));
        const order = orderOf(targets, { ...inside, route: { strategy: kind } });
        expect(order).toEqual(gone.includes("frankfurt") ? [] : ["frankfurt"]);
      }),
    );
  });
});

describe("a target's hours", () => {
  const at = (time: string) => Date.parse(`2026-12-01T${time}:00Z`);

  it("are those of every day, into the next one too", () => {
    const night = { from: "22:00", to: "06:00" };
    expect(["21:59", "22:00", "00:00", "05:59", "06:00"].map((time) => isWithin(night, at(time)))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(isWithin({ from: "08:00", to: "08:30" }, at("08:29"))).toBe(true);
    expect(isWithin({ from: "08:00", to: "08:00" }, at("03:00"))).toBe(true);
  });

  it("leave it out at any other time, and say so", () => {
    const night = targetOf("night", { hours: { from: "22:00", to: "06:00" } });
    const plan = planTargets(planningOf([night, us], { now: at("12:00") }));
    expect(plan.skipped).toEqual([{ label: "night", why: "is used from 22:00 to 06:00 UTC" }]);
    expect(orderOf([night, us], { now: at("23:00") })[0]).toBe("night");
  });
});
