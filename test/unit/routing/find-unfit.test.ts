import { describe, expect, it } from "vitest";
import { type ConfigInput, variable } from "../../../worker/contract/config/config.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildCatalog } from "../../../worker/domain/routing/catalog.ts";
import { findUnfit } from "../../../worker/domain/routing/find-unfit.ts";
import { planTargets, refuseEmpty } from "../../../worker/domain/routing/plan-targets.ts";
import type { Planning } from "../../../worker/domain/routing/planning.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { valueOf } from "../unwrap-result.ts";
import { planningOf } from "./targets.ts";

/** A short chat of the tenant acme from Germany, of its team search, at noon. */
const ASKED = {
  body: { model: "chat", messages: [{ role: "user", content: "Hello" }] },
  place: () => ({ continent: "EU", country: "DE" }),
  metadata: { team: "search" },
  now: Date.UTC(2026, 11, 1, 12, 30),
};

type RouteInput = ConfigInput["routes"][string];
type TargetInput = Partial<RouteInput["targets"][number]>;

/** A route of these targets, the first at OpenAI, the others on servers of one's own. */
function routeOf(
  targets: readonly TargetInput[],
  route: Partial<RouteInput> = {},
  openai: { readonly drained?: boolean } = {},
) {
  const registry = buildRegistry({});
  const config: ConfigInput = {
    providers: {
      openai: { ...openai, kind: "openai", baseUrl: variable("OPENAI_URL", "https://api.openai.com/v1") },
      box: { kind: "openai", baseUrl: variable("BOX_URL", "http://10.0.0.5/v1") },
    },
    routes: {
      it: {
        task: "chat",
        ...route,
        targets: targets.map((target, index) => ({
          provider: index === 0 ? "openai" : "box",
          model: index === 0 ? "gpt-4o" : `m${index}`,
          ...target,
        })),
      },
    },
  };
  const built = buildCatalog(valueOf(parseConfig(config, registry)), registry, () => undefined).routes.get(
    "it",
  );
  if (!built) throw new Error("no route");
  return built;
}

type Changes = Partial<Omit<Planning, "route">>;
const planning = ({ targets }: ReturnType<typeof routeOf>, changes: Changes = {}) =>
  planningOf(targets, { ...ASKED, ...changes });
const plan = (route: ReturnType<typeof routeOf>, changes: Changes = {}) => {
  const { targets, skipped } = planTargets(planning(route, changes));
  return { models: targets.map(({ model }) => model), skipped };
};

describe("a target's condition", () => {
  const route = routeOf([{ when: "metadata.team == 'search'" }, { when: "hour < 8" }, {}]);

  it("leaves the target out where it is not true, and says which it was", () => {
    expect(plan(route)).toEqual({
      models: ["gpt-4o", "m2"],
      skipped: [{ label: "targets[1]=box/m1", why: "its condition is not true", condition: "hour < 8" }],
    });
    expect(plan(route, { now: 0, metadata: { team: "ads" } }).models).toEqual(["m1", "m2"]);
  });

  it("leaves it out where it cannot be told, and says so", () => {
    expect(plan(route, { metadata: undefined }).skipped[0]).toEqual({
      label: "targets[0]=openai/gpt-4o",
      why: "its condition could not be told: No such key: team",
      condition: "metadata.team == 'search'",
    });
  });

  it("sees the context window of its own target, by the config or the price list", () => {
    const fits = "tokens + request.max_tokens < contextWindow";
    const windowed = routeOf([{ when: fits }, { when: fits, contextWindow: 1000 }, { when: fits }]);
    const asking = (tokens: number) => ({ body: { messages: [], max_tokens: tokens } });
    expect(plan(windowed, asking(500)).models).toEqual(["gpt-4o", "m1"]);
    expect(plan(windowed, asking(100_000)).models).toEqual(["gpt-4o"]);
    expect(plan(windowed, asking(1_000_000))).toMatchObject({
      models: [],
      skipped: [{ why: "its condition is not true" }, {}, { why: expect.stringContaining("contextWindow") }],
    });
  });
});

describe("a route's condition", () => {
  it("leaves out all targets, and refuses the request as not for the route", () => {
    const route = routeOf([{}, { when: "true" }], { when: "tenant == 'acme'" });
    expect(plan(route).models).toEqual(["gpt-4o", "m1"]);
    const made = planTargets(planning(route, { tenant: "globex" }));
    expect(made.targets).toEqual([]);
    expect(made.skipped.map(({ condition }) => condition)).toEqual(["tenant == 'acme'", "tenant == 'acme'"]);
    const refusal = refuseEmpty(made);
    expect(refusal).toMatchObject({ code: "model_input_invalid" });
    expect(JSON.stringify(refusal)).not.toContain("acme");
  });

  it("holds for its targets where the route is a target of another, with the condition of its place there", () => {
    const registry = buildRegistry({});
    const box = { kind: "openai" as const, baseUrl: variable("BOX_URL", "http://10.0.0.5/v1") };
    const config: ConfigInput = {
      providers: { box },
      routes: {
        outer: {
          task: "chat",
          targets: [
            { route: "inner", when: "tenant == 'acme'" },
            { provider: "box", model: "c" },
          ],
        },
        inner: {
          task: "chat",
          targets: [
            { provider: "box", model: "a" },
            { provider: "box", model: "b", when: "hour < 8" },
          ],
          when: "continent == 'EU'",
        },
      },
    };
    const outer = buildCatalog(valueOf(parseConfig(config, registry)), registry, () => undefined).routes.get(
      "outer",
    );
    if (!outer) throw new Error("no route");
    expect(plan(outer).models).toEqual(["a", "c"]);
    expect(plan(outer, { now: 0 }).models).toEqual(["a", "b", "c"]);
    expect(plan(outer, { now: 0, tenant: "globex" }).models).toEqual(["c"]);
    expect(plan(outer, { now: 0, place: () => ({ continent: "NA" }) }).models).toEqual(["c"]);
  });

  it("is asked once, however many targets there are", () => {
    let asked = 0;
    const route = routeOf([{}, {}, {}], { when: "continent == 'EU'" });
    const place = () => (asked++, { continent: "NA" });
    expect(plan(route, { place }).skipped).toHaveLength(3);
    expect(asked).toBe(1);
  });
});

describe("a target that is drained", () => {
  it("is left out, by its own config or its provider's, and another is asked", () => {
    const route = routeOf([{ drained: true }, {}]);
    expect(plan(route)).toEqual({
      models: ["m1"],
      skipped: [{ label: "targets[0]=openai/gpt-4o", why: "is taken out of use" }],
    });
    expect(plan(routeOf([{}, {}], {}, { drained: true })).models).toEqual(["m1"]);
    expect(plan(routeOf([{ drained: false }, {}], {}, { drained: true })).models).toEqual(["gpt-4o", "m1"]);
  });

  it("leaves its route overloaded where there is no other", () => {
    const made = planTargets(planning(routeOf([{ drained: true }])));
    expect(refuseEmpty(made)).toMatchObject({ code: "overloaded" });
    expect(refuseEmpty(planTargets(planning(routeOf([{ drained: true, when: "false" }]))))).toMatchObject({
      code: "overloaded",
    });
  });
});

describe("a route without conditions", () => {
  it("pays for none: the plan is the route's own list, and nothing of the request is read", () => {
    const refuse = () => {
      throw new Error("read");
    };
    const unread: Record<string, string> = new Proxy({}, { get: refuse, ownKeys: refuse });
    const route = routeOf([{}]);
    const asked = planning(route, {
      body: unread,
      metadata: unread,
      place: refuse,
    });
    expect(planTargets(asked).targets).toBe(route.targets);
    expect(findUnfit(asked)).toBe(findUnfit(planning(routeOf([{}, {}]))));
  });
});

describe("a context window", () => {
  /** So many tokens of English, about. */
  const ofTokens = (tokens: number) => ({
    body: { messages: [{ role: "user", content: "of it ".repeat((tokens * 4.5) / 6) }] },
  });

  it("that is clearly too small leaves its target out where another has room", () => {
    const route = routeOf([{}, { contextWindow: 1_000_000 }]);
    expect(plan(route, ofTokens(200_000))).toEqual({
      models: ["m1"],
      skipped: [
        {
          label: "targets[0]=openai/gpt-4o",
          why: "the request is too long for its window of 128000 tokens",
        },
      ],
    });
  });

  it("counts tools, instructions and the input of every API of chats", () => {
    const route = routeOf([{ contextWindow: 1000 }, {}]);
    const text = "of it ".repeat(2000);
    for (const body of [
      { messages: [], tools: [{ type: "function", function: { description: text } }] },
      { messages: [], system: [{ type: "text", text }] },
      { instructions: text, input: "Hi" },
      { input: [{ role: "user", content: [{ type: "input_text", text }] }] },
    ]) {
      expect(plan(route, { body }).models).toEqual(["m1"]);
    }
  });

  it("leaves nothing out that may fit: an estimate is rough", () => {
    const route = routeOf([{ contextWindow: 8192 }, { contextWindow: 128_000 }]);
    expect(plan(route, ofTokens(8500)).models).toEqual(["gpt-4o", "m1"]);
    expect(plan(route, ofTokens(12_000)).models).toEqual(["m1"]);
  });

  it("leaves none out where all are too small, for a provider then says so itself", () => {
    const route = routeOf([{ contextWindow: 1000 }, { contextWindow: 2000 }]);
    expect(plan(route, ofTokens(200_000))).toEqual({ models: ["gpt-4o", "m1"], skipped: [] });
  });

  it("counts only among the targets that the conditions leave", () => {
    const route = routeOf([{ contextWindow: 1000 }, { when: "false" }]);
    expect(plan(route, ofTokens(200_000)).models).toEqual(["gpt-4o"]);
  });

  it("takes a picture for no text", () => {
    const picture = {
      type: "image_url",
      image_url: { url: `data:image/png;base64,${"A".repeat(3_000_000)}` },
    };
    const route = routeOf([{}, { contextWindow: 1_000_000 }]);
    expect(plan(route, { body: { messages: [{ role: "user", content: [picture] }] } }).skipped).toEqual([]);
  });

  it("says nothing of a list of inputs, each of which has it for itself", () => {
    const route = routeOf([{ contextWindow: 512 }, {}], { task: "embeddings" });
    const body = { input: Array.from({ length: 500 }, () => "some words to embed") };
    expect(plan(route, { task: "embeddings", body }).skipped).toEqual([]);
  });
});
