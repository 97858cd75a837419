import { describe, expect, it } from "vitest";
import type { HealthView } from "../../../worker/domain/resilience/health-view.ts";
import type { ProbeReport } from "../../../worker/domain/resilience/provider-health-protocol.ts";
import type { Route, Target } from "../../../worker/domain/routing/catalog.ts";
import { judgeRoute, tellOutage } from "../../../worker/domain/routing/judge-route.ts";

const NOW = 1_000_000;
const target = (provider: string, changes: Partial<Target> = {}) =>
  ({ provider, model: "m", label: provider, ...changes }) as Target;
const routeOf = (...providers: string[]) =>
  ({ targets: providers.map((provider) => target(provider)) }) as unknown as Route;
const probe = (reachable: boolean, at = NOW): ProbeReport => ({
  at,
  reachable,
  status: reachable ? 200 : null,
});
const known = (probes: Readonly<Record<string, ProbeReport>> = {}, health: Partial<HealthView> = {}) => ({
  health: { waitMs: () => undefined, latency: () => undefined, ...health },
  probes: new Map(Object.entries(probes)),
  now: NOW,
});

describe("a target", () => {
  it.each([
    ["that nothing is known of", known(), undefined],
    ["that answers its probe", known({ one: probe(true) }), undefined],
    ["that cannot be reached", known({ one: probe(false) }), "cannot be reached"],
    ["that could not be reached long ago", known({ one: probe(false, NOW - 300_001) }), undefined],
    [
      "whose breaker is open",
      known({}, { waitMs: () => 1200 }),
      "keeps failing; it is tried again within 2 s",
    ],
  ])("%s", (_, told, why) => {
    expect(tellOutage(target("one"), told)).toBe(why);
  });

  it("that is drained is not in use, whatever else is known of it", () => {
    expect(tellOutage(target("one", { drained: true }), known({ one: probe(true) }))).toBe(
      "is taken out of use",
    );
  });
});

describe("a route", () => {
  it("is ready as long as one of its targets can be used", () => {
    expect(judgeRoute(routeOf("one", "two"), known({ one: probe(false) }))).toBe("ready");
    expect(judgeRoute(routeOf("one"), known({ one: probe(false) }))).toBe("failing");
    expect(judgeRoute(routeOf(), known())).toBe("not_configured");
  });
});
