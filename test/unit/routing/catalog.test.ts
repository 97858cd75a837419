import { describe, expect, it } from "vitest";
import {
  type ConfigInput,
  configSchemaOf,
  secret,
  variable,
} from "../../../worker/contract/config/config.ts";
import type { LocalAdapter } from "../../../worker/domain/routing/adapter.ts";
import { buildCatalog, listRoutes, resolveRoute } from "../../../worker/domain/routing/catalog.ts";
import type { Registry } from "../../../worker/domain/routing/provider-kind.ts";
import { ok } from "../../../worker/domain/result.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const openai = createOpenai({});

const answer = () => ok({ body: "{}", usage: null });
const embedded: LocalAdapter = {
  embeddings: { kind: "local", answer },
  classify: { kind: "local", answer },
};

const config: ConfigInput = {
  providers: {
    cloud: {
      kind: "openai",
      baseUrl: variable("CLOUD_URL", "https://cloud.example/v1"),
      apiKey: secret("CLOUD_KEY"),
      direct: true,
    },
    box: { kind: "openai", baseUrl: variable("BOX_URL"), headers: { "x-team": "blue" } },
    words: { kind: "embedded" },
  },
  routes: {
    chat: {
      task: "chat",
      targets: [
        { provider: "cloud", model: "big" },
        { provider: "box", model: "small" },
      ],
    },
    cloudy: { task: "chat", targets: [{ provider: "cloud", model: "big" }], cache: false, timeoutMs: 500 },
    embed: {
      task: "embeddings",
      targets: [
        { provider: "cloud", model: "e", price: { inputPerMillion: 1 } },
        { provider: "words", model: "words-en" },
      ],
    },
  },
};

const registry: Registry = {
  openai: { adapter: () => openai },
  embedded: { runsIn: "worker", adapter: () => embedded },
  bound: { adapter: () => openai, binding: "AI", baseUrl: () => "https://bound.example" },
};
const schema = configSchemaOf([
  { kind: "embedded", runsIn: "worker" },
  { kind: "bound", runsIn: "provider" },
]);

function catalogWith(settings: Readonly<Record<string, string>>) {
  return buildCatalog(schema.parse(config), registry, (name) => settings[name]);
}

const KEY = { CLOUD_KEY: "sk-cloud" };
const ALL = { ...KEY, BOX_URL: "http://10.0.0.5:8000/v1" };
const labelsOf = (catalog: ReturnType<typeof catalogWith>, route: string) =>
  catalog.routes.get(route)?.targets.map(({ label }) => label);

describe("buildCatalog", () => {
  it("joins each target with its provider's connection, in order", () => {
    const route = catalogWith(ALL).routes.get("chat");
    expect(route?.targets).toMatchObject([
      {
        label: "targets[0]=cloud/big",
        provider: "cloud",
        model: "big",
        adapter: openai,
        connection: { baseUrl: "https://cloud.example/v1", apiKey: "sk-cloud", headers: {} },
      },
      {
        label: "targets[1]=box/small",
        connection: { baseUrl: "http://10.0.0.5:8000/v1", apiKey: undefined, headers: { "x-team": "blue" } },
      },
    ]);
    expect(route?.missing).toEqual([]);
  });

  it("prefers the variable to its default, and drops slashes from its end", () => {
    const catalog = catalogWith({ ...KEY, CLOUD_URL: "https://other.example/v1//" });
    const [target] = catalog.routes.get("cloudy")?.targets ?? [];
    expect(target?.connection.baseUrl).toBe("https://other.example/v1");
  });

  it("leaves out a target whose secret or variable is missing, and says which", () => {
    const catalog = catalogWith({});
    expect(catalog.routes.get("chat")).toMatchObject({
      targets: [],
      missing: ["secret CLOUD_KEY", "variable BOX_URL"],
    });
    expect(catalog.providers.get("cloud")).toMatchObject({ available: false, missing: "secret CLOUD_KEY" });
  });

  it("joins a provider with those of its keys that are set, each value once, and needs one", () => {
    const keyed = { kind: "openai" as const, apiKeys: [secret("A"), secret("B"), secret("C"), secret("D")] };
    const parsed = schema.parse({
      providers: { keyed: { ...keyed, baseUrl: variable("CLOUD_URL", "https://cloud.example/v1") } },
      routes: {},
    });
    const providerWith = (settings: Readonly<Record<string, string>>) =>
      buildCatalog(parsed, registry, (name) => settings[name]).providers.get("keyed");
    const [a, c] = [
      { name: "A", value: "sk-1" },
      { name: "C", value: "sk-2" },
    ];
    expect(providerWith({ A: "sk-1", C: "sk-2", D: "sk-1" })).toMatchObject({
      connection: { apiKey: "sk-1", keys: [a, c] },
    });
    const alone = providerWith({ C: "sk-2" });
    expect(alone).toMatchObject({ connection: { apiKey: "sk-2" } });
    expect(alone).not.toHaveProperty("connection.keys");
    const missing = "secret A or the secret B or the secret C or the secret D";
    expect(providerWith({})).toMatchObject({ available: false, missing });
  });

  it("keeps the place in the config in the labels of the targets that are left", () => {
    expect(labelsOf(catalogWith({}), "embed")).toEqual(["targets[1]=words/words-en"]);
    expect(labelsOf(catalogWith({ BOX_URL: ALL.BOX_URL }), "chat")).toEqual(["targets[1]=box/small"]);
  });

  it("keeps the price and the route's own settings", () => {
    const catalog = catalogWith(ALL);
    expect(catalog.routes.get("embed")?.targets[0]?.price).toEqual({ inputPerMillion: 1 });
    expect(catalog.routes.get("cloudy")).toMatchObject({ cache: false, timeoutMs: 500, task: "chat" });
  });

  it("says of each target where it runs", () => {
    const placesOf = (route: string) =>
      catalogWith(ALL)
        .routes.get(route)
        ?.targets.map(({ runsIn }) => runsIn);
    expect(placesOf("embed")).toEqual(["provider", "worker"]);
    expect(placesOf("chat")).toEqual(["provider", "provider"]);
  });

  it("leaves out a provider whose binding is not there", () => {
    const parsed = schema.parse({ providers: { own: { kind: "bound" } }, routes: {} });
    const providerWith = (settings: Readonly<Record<string, string>>) =>
      buildCatalog(parsed, registry, (name) => settings[name]).providers.get("own");
    expect(providerWith({})).toMatchObject({ available: false, missing: "binding AI" });
    expect(providerWith({ AI: "AI" })).toMatchObject({
      available: true,
      runsIn: "provider",
      connection: { baseUrl: "https://bound.example" },
    });
  });

  it("lists the routes in the config's order, unusable ones too", () => {
    expect(listRoutes(catalogWith({})).map(({ name }) => name)).toEqual(["chat", "cloudy", "embed"]);
  });
});

describe("resolveRoute", () => {
  it("finds a route of the task by its name", () => {
    expect(valueOf(resolveRoute(catalogWith(ALL), "chat", "chat")).name).toBe("chat");
  });

  it.each(["nothing", "", "/", "Chat", "constructor", "__proto__"])("knows no model %j", (model) => {
    expect(errorOf(resolveRoute(catalogWith(ALL), model, "chat"))).toEqual({
      code: "model_not_found",
      param: "model",
      message: `There is no model '${model}'; GET /v1/models lists them.`,
    });
  });

  it("takes a route of another task for none", () => {
    expect(errorOf(resolveRoute(catalogWith(ALL), "embed", "chat")).code).toBe("model_not_found");
    expect(errorOf(resolveRoute(catalogWith({}), "chat", "embeddings")).code).toBe("model_not_found");
  });

  it("names what to set where no target is left", () => {
    expect(errorOf(resolveRoute(catalogWith({}), "cloudy", "chat"))).toEqual({
      code: "not_configured",
      message: "Set the secret CLOUD_KEY to use this model.",
    });
    expect(errorOf(resolveRoute(catalogWith({}), "chat", "chat")).message).toBe(
      "Set the secret CLOUD_KEY or the variable BOX_URL to use this model.",
    );
  });
});

describe("resolveRoute for a route of another task", () => {
  it("says which task it is for, and where that is asked", () => {
    expect(errorOf(resolveRoute(catalogWith(ALL), "embed", "responses"))).toEqual({
      code: "model_not_found",
      param: "model",
      message: "The model 'embed' is for embeddings, not chat: ask it at /v1/embeddings.",
    });
  });

  it("repeats no more of a name than fits a line, and no line break", () => {
    const { message = "" } = errorOf(resolveRoute(catalogWith(ALL), `a\r\n${"x".repeat(1000)}`, "chat"));
    expect(message).toMatch(/^There is no model 'a\\r\\nx{97}'; [^\n]*$/);
  });
});

describe("a base URL without a scheme", () => {
  it.each([
    "cloud.example/v1",
    "ftp://cloud.example",
    "https://",
    "https://cloud.example/v1?key=1",
    "localhost:11434",
  ])("leaves its provider unavailable, and says what to set: %s", (url) => {
    const catalog = catalogWith({ ...ALL, CLOUD_URL: url });
    expect(catalog.routes.get("cloudy")).toMatchObject({
      targets: [],
      missing: ["variable CLOUD_URL as a URL with its scheme (https://…)"],
    });
  });
});

describe("resolveRoute for provider/model", () => {
  it("builds a route with the defaults where the provider is direct", () => {
    const route = valueOf(resolveRoute(catalogWith(ALL), "cloud/gpt-9", "chat"));
    expect(route).toMatchObject({ name: "cloud/gpt-9", task: "chat", timeoutMs: 60_000 });
    expect(route.cache).toEqual({ ttlSeconds: 3600, staleSeconds: 600, kv: "auto" });
    expect(route.targets).toMatchObject([{ label: "targets[0]=cloud/gpt-9", model: "gpt-9" }]);
  });

  it("keeps the slashes of the model's own name", () => {
    const route = valueOf(resolveRoute(catalogWith(ALL), "cloud/meta/llama-3", "chat"));
    expect(route.targets[0]?.model).toBe("meta/llama-3");
  });

  it("offers the embedded models without being told to", () => {
    expect(valueOf(resolveRoute(catalogWith({}), "words/words-en", "embeddings")).targets).toHaveLength(1);
  });

  it.each<[string, string]>([
    ["a provider that is not direct", "box/small"],
    ["a provider that does not exist", "none/small"],
    ["a provider without a model", "cloud/"],
    ["a model without a provider", "/small"],
    ["a model name past all bounds", `cloud/${"m".repeat(201)}`],
    ["a model name with a line of its own", "cloud/a\nx-evil: 1"],
    ["a model name that ends in a NUL", "cloud/a\u0000"],
    ["a model name that no header can carry", "cloud/日本"],
    ["a task the provider does not offer", "words/words-en"],
  ])("refuses %s", (_, model) => {
    expect(errorOf(resolveRoute(catalogWith(ALL), model, "chat")).code).toBe("model_not_found");
  });

  it("names the tasks that the provider has where it lacks the one", () => {
    const { code, message } = errorOf(resolveRoute(catalogWith(ALL), "words/words-en", "chat"));
    expect(code).toBe("model_not_found");
    expect(message).toBe("The provider 'words' offers no chat; it offers embeddings, classify.");
  });

  it("does not tell of a provider that is not direct what it lacks", () => {
    expect(errorOf(resolveRoute(catalogWith({}), "box/small", "chat"))).toEqual({
      code: "model_not_found",
      param: "model",
      message: "There is no model 'box/small'; GET /v1/models lists them.",
    });
  });

  it("says what to set where a direct provider lacks its secret", () => {
    expect(errorOf(resolveRoute(catalogWith({}), "cloud/gpt-9", "chat"))).toEqual({
      code: "not_configured",
      message: "Set the secret CLOUD_KEY to use this model.",
    });
  });

  it("gives what it has found before, by task and name", () => {
    const catalog = catalogWith(ALL);
    const find = (name: string, task: "chat" | "embeddings") => resolveRoute(catalog, name, task);
    expect(find("chat", "chat")).toBe(find("chat", "chat"));
    const direct = find("cloud/gpt-9", "chat");
    expect(valueOf(find("cloud/gpt-9", "embeddings")).task).toBe("embeddings");
    expect(find("cloud/gpt-9", "chat")).toBe(direct);
  });

  it("remembers no more names than it can afford, and forgets the oldest", () => {
    const catalog = catalogWith(ALL);
    const first = resolveRoute(catalog, "cloud/m0", "chat");
    for (let count = 1; count <= 2000; count++) resolveRoute(catalog, `cloud/m${count}`, "chat");
    for (let count = 1; count <= 2000; count++) resolveRoute(catalog, `none/m${count}`, "chat");
    expect(catalog.direct.size).toBe(500);
    const last = resolveRoute(catalog, "cloud/m2000", "chat");
    expect(resolveRoute(catalog, "cloud/m2000", "chat")).toBe(last);
    const again = resolveRoute(catalog, "cloud/m0", "chat");
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});
