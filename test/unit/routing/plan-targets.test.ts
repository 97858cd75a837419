import { describe, expect, it } from "vitest";
import type { Route, Target } from "../../../worker/domain/routing/catalog.ts";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import type { Planning } from "../../../worker/domain/routing/planning.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { createHttp } from "../../../worker/providers/http/adapter.ts";
import { httpTasks } from "../../../worker/contract/config/http-tasks.ts";
import { openWorld } from "../flow-services.ts";

const all = createOpenai({});
const some = createHttp(httpTasks.parse({ embeddings: { path: "/embed" } }));
const target = (label: string, adapter: Target["adapter"]) =>
  ({ label, adapter, conditions: [] as const }) as unknown as Target;
const health: Planning["health"] = {
  waitMs: () => undefined,
  latency: () => undefined,
};
const plan = (route: Planning["route"], task: Planning["task"], brokeAt?: string) =>
  planTargets({
    route,
    task,
    brokeAt,
    body: {},
    streamed: false,
    keeps: false,
    tenant: "acme",
    jurisdiction: undefined,
    priority: "normal",
    place: () => undefined,
    metadata: undefined,
    now: 0,
    roll: 0.5,
    health,
  });
const route = (...targets: readonly Target[]) => ({ targets, strategy: "fallback" }) as unknown as Route;

describe("a plan of targets", () => {
  it("has a route's targets as they stand, and is not made anew where all can be asked", () => {
    const given = route(target("one", all), target("two", all));
    const made = plan(given, "chat");
    expect(made).toEqual({ targets: given.targets, skipped: [] });
    expect(made.targets).toBe(given.targets);
  });

  it("leaves out those that do not offer the task, and says so", () => {
    const [one, two, three] = [target("one", some), target("two", all), target("three", some)];
    expect(plan(route(one, two, three), "chat")).toEqual({
      targets: [two],
      skipped: [
        { label: "one", why: "does not offer chat" },
        { label: "three", why: "does not offer chat" },
      ],
    });
    expect(plan(route(one, two, three), "embeddings").targets).toEqual([one, two, three]);
  });

  it("begins with the target after the one that broke off, and comes back to it last", () => {
    const [one, two, three] = [target("one", all), target("two", all), target("three", all)];
    const given = route(one, two, three);
    expect(plan(given, "chat", "two").targets).toEqual([three, one, two]);
    expect(plan(given, "chat", "three").targets).toEqual([one, two, three]);
    expect(plan(given, "chat", "gone").targets).toBe(given.targets);
    expect(plan(route(one), "chat", "one").targets).toEqual([one]);
    expect(plan(route(one, target("no", some), three), "chat", "no").targets).toEqual([three, one]);
  });

  it("is empty where nobody offers it", () => {
    expect(plan(route(target("one", some)), "transcriptions").targets).toEqual([]);
    expect(plan(route(), "chat")).toEqual({ targets: [], skipped: [] });
  });

  it("offers every route of a config what it was made for", () => {
    for (const each of openWorld().release.catalog.routes.values()) {
      expect(plan(each, each.task).targets).toEqual(each.targets);
    }
  });
});
