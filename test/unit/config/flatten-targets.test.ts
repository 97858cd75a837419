import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../worker/contract/config/config.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildCatalog, resolveRoute } from "../../../worker/domain/routing/catalog.ts";
import { listModels } from "../../../worker/domain/routing/list-models.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const registry = buildRegistry({});
const on = (model: string, more: object = {}) => ({ provider: "cloud", model, ...more });
const chat = (...targets: readonly object[]) => ({ task: "chat", targets });

const configOf = (routes: object, more: object = {}) =>
  ({
    providers: {
      cloud: { kind: "openai", baseUrl: { variable: "URL", fallback: "https://cloud.example/v1" } },
    },
    routes,
    ...more,
  }) as ConfigInput;
const catalogOf = (routes: object, more: object = {}) =>
  buildCatalog(valueOf(parseConfig(configOf(routes, more), registry)), registry, () => undefined);
const wrongWith = (routes: object, more: object = {}) =>
  errorOf(parseConfig(configOf(routes, more), registry));

describe("a route that is a target", () => {
  it("stands for its targets, in their places, by labels of their own", () => {
    const catalog = catalogOf({
      small: chat(on("a"), on("b")),
      large: chat(on("c")),
      best: chat(on("x"), { route: "small" }, { route: "large" }),
      all: chat({ route: "best" }),
    });
    const labels = (name: string) => catalog.routes.get(name)?.targets.map(({ label }) => label);
    expect(labels("best")).toEqual([
      "targets[0]=cloud/x",
      "targets[1].targets[0]=cloud/a",
      "targets[1].targets[1]=cloud/b",
      "targets[2].targets[0]=cloud/c",
    ]);
    expect(labels("all")?.[1]).toBe("targets[0].targets[1].targets[0]=cloud/a");
  });

  it("has the weight that the place says, shared out by its targets' own", () => {
    const catalog = catalogOf({
      small: chat(on("a", { weight: 3 }), on("b")),
      mixed: { ...chat(on("x", { weight: 9 }), { route: "small", weight: 1 }), strategy: "weighted" },
    });
    expect(catalog.routes.get("mixed")?.targets.map(({ weight }) => weight)).toEqual([9, 0.75, 0.25]);
  });

  it.each([
    [
      "itself",
      { a: chat({ route: "a" }) },
      "routes.a.targets[0].route: the route would be its own target: a -> a",
    ],
    [
      "a circle",
      { a: chat(on("x"), { route: "b" }), b: chat({ route: "c" }), c: chat({ route: "a" }) },
      "routes.c.targets[0].route: the route would be its own target: a -> b -> c -> a",
    ],
    ["nobody", { a: chat({ route: "b" }) }, "routes.a.targets[0].route: there is no route 'b'; there are: a"],
    [
      "another task's",
      { a: chat({ route: "b" }), b: { task: "embeddings", targets: [on("x")] } },
      "routes.a.targets[0].route: 'b' is for embeddings, not chat",
    ],
  ])("may not be %s", (_, routes, error) => {
    expect(wrongWith(routes)).toBe(`headrace.config.ts: ${error}`);
  });

  it("may not multiply without end", () => {
    const wide = (name: string) => chat(...Array.from({ length: 16 }, () => ({ route: name })));
    const routes: Record<string, object> = { r0: chat(on("x")) };
    for (let depth = 1; depth < 40; depth++) routes[`r${depth}`] = wide(`r${depth - 1}`);
    expect(wrongWith(routes)).toContain("routes.r2.targets:");
  });
});

describe("another name of a route", () => {
  const routes = { chat: chat(on("a")), embed: { task: "embeddings", targets: [on("e")] } };
  const aliases = { "gpt-4": "chat", "anthropic/claude-3": "chat", "text-embedding-ada-002": "embed" };
  const catalog = catalogOf(routes, { aliases });

  it("means that route, and is listed, for clients look for the names that they know", () => {
    for (const name of ["gpt-4", "anthropic/claude-3"])
      expect(valueOf(resolveRoute(catalog, name, "chat")).name).toBe("chat");
    expect(listModels(catalog).map(({ name, task }) => [name, task])).toEqual([
      ["chat", "chat"],
      ["embed", "embeddings"],
      ["gpt-4", "chat"],
      ["anthropic/claude-3", "chat"],
      ["text-embedding-ada-002", "embeddings"],
    ]);
    expect(errorOf(resolveRoute(catalog, "gpt-4", "embeddings")).message).toContain("is for chat");
  });

  it.each([
    [{ gpt: "nobody" }, "aliases.gpt: there is no route 'nobody'"],
    [{ embed: "chat" }, "aliases.embed: there is a route of that name"],
    [{ "cloud/a": "chat" }, "aliases.cloud/a: 'cloud' is a provider, whose models have such names"],
    [{ "two words": "chat" }, "aliases.two words: use 1-200 letters"],
    [{ a: "b", b: "chat" }, "aliases.a: there is no route 'b'"],
  ])("may not be %o", (wrong, error) => {
    expect(wrongWith(routes, { aliases: wrong })).toContain(`headrace.config.ts: ${error}`);
  });
});

describe("regions and tenants", () => {
  const regions = { here: { continent: "EU", jurisdiction: "eu" } };

  it("are found by their names", () => {
    const catalog = catalogOf({ a: chat(on("x", { region: "here" })) }, { regions });
    expect(catalog.routes.get("a")?.targets[0]?.location).toEqual(regions.here);
  });

  it("have to be there, and to be Cloudflare's where objects are pinned", () => {
    expect(wrongWith({ a: chat(on("x", { region: "there" })) }, { regions })).toContain(
      "routes.a.targets[0].region: there is no region 'there'",
    );
    const tenants = { acme: { jurisdiction: "mars", pinObjects: true } };
    expect(wrongWith({ a: chat(on("x")) }, { tenants })).toContain(
      "tenants.acme.pinObjects: needs a jurisdiction",
    );
  });
});
