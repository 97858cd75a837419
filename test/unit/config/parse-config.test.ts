import { describe, expect, it } from "vitest";
import deployed from "../../../headrace.config.ts";
import { type ConfigInput, secret, variable } from "../../../worker/contract/config/config.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { ok } from "../../../worker/domain/result.ts";
import type { LocalKind, RemoteKind } from "../../../worker/domain/routing/provider-kind.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import tested from "../../fixtures/deployment/headrace.config.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const answer = () => ok({ body: "{}", usage: null });
const local = { kind: "local" as const, answer };
/** The embedded kind without its data, which Node cannot import. */
const embedded: LocalKind = {
  runsIn: "worker",
  adapter: () => ({
    embeddings: local,
    rerank: local,
    classify: local,
    models: { embeddings: ["words-en"], rerank: ["words-en"], classify: ["language", "sentiment"] },
  }),
};
const registry = buildRegistry({ embedded });

const provider = { kind: "openai" as const, baseUrl: variable("BASE_URL"), apiKey: secret("API_KEY") };
const target = { provider: "cloud", model: "gpt-4o-mini" };
const chat = { task: "chat" as const, targets: [target] };
const config = { providers: { cloud: provider, words: { kind: "embedded" } }, routes: { chat } };

describe("parseConfig", () => {
  it.each([
    ["the repository's own config", deployed],
    ["the config of the tests", tested],
  ])("takes %s", (_, input) => {
    expect(parseConfig(input, registry)).toMatchObject({ ok: true });
  });

  it("fills in every default", () => {
    expect(valueOf(parseConfig(config, registry))).toEqual({
      providers: config.providers,
      routes: {
        chat: {
          ...chat,
          targets: chat.targets.map((each) => ({ ...each, weight: 1, tier: "normal" })),
          strategy: "fallback",
          priority: "normal",
          promptCache: { maxDearer: 0.1 },
          cache: { ttlSeconds: 3600, staleSeconds: 600, kv: "auto" },
          retry: { attempts: 3 },
          timeoutMs: 60_000,
          unavailableTools: "leave_out",
          quoteProviderErrors: false,
          streams: { usage: "hide", unread: true },
          idempotency: "key",
          jobs: { onUnknownOutcome: "repeat" },
        },
      },
      aliases: {},
      regions: {},
      tenants: {},
      cors: { origins: [] },
      limits: { requestBytes: 4_194_304, mediaBytes: 20_971_520, uploadBytes: 100_000_000, stallMs: 30_000 },
      webhooks: {
        secrets: [secret("HEADRACE_WEBHOOK_SECRET"), secret("HEADRACE_WEBHOOK_SECRET_OLD")],
        development: false,
      },
    });
  });

  it("fills in what a half-given cache leaves out", () => {
    const input = { ...config, routes: { chat: { ...chat, cache: { ttlSeconds: 5 } } } };
    const { routes } = valueOf(parseConfig(input, registry));
    expect(routes["chat"]?.cache).toEqual({ ttlSeconds: 5, staleSeconds: 600, kv: "auto" });
  });

  it("takes a hedge with its defaults, and not where requests share calls", () => {
    const { routes } = valueOf(
      parseConfig({ ...config, routes: { chat: { ...chat, hedge: {}, retry: { attempts: 1 } } } }, registry),
    );
    expect(routes["chat"]).toMatchObject({ hedge: { budget: 0.05 }, retry: { attempts: 1 } });
    const embed = { task: "embeddings" as const, targets: chat.targets, window: {}, hedge: {} };
    expect(parseConfig({ ...config, routes: { embed } }, registry)).toMatchObject({
      error: expect.stringContaining("routes.embed.hedge: requests of a window share their calls"),
    });
  });

  it("takes a window for what has items, with its defaults, and for nothing else", () => {
    const embed = { task: "embeddings" as const, targets: chat.targets, window: { maxItems: 8 } };
    const { routes } = valueOf(parseConfig({ ...config, routes: { embed } }, registry));
    expect(routes["embed"]?.window).toEqual({
      maxItems: 8,
      maxTokens: 100_000,
      padded: false,
      maxDelayMs: 0,
      slots: 2,
      shards: 1,
      share: "tenant",
    });
    const batched = { ...config, routes: { chat: { ...chat, window: {} } } };
    expect(parseConfig(batched, registry)).toMatchObject({
      error: expect.stringContaining("routes.chat.window: chat has no items to share a call"),
    });
  });

  it("fills in a window of jobs, and refuses one for a task whose requests have no items, or for too long", () => {
    const embed = { task: "embeddings" as const, targets: chat.targets };
    const withWindow = (window: object) => ({ ...config, routes: { embed: { ...embed, jobs: { window } } } });
    expect(valueOf(parseConfig(withWindow({}), registry)).routes["embed"]?.jobs).toEqual({
      onUnknownOutcome: "repeat",
      window: {
        maxItems: 64,
        maxTokens: 100_000,
        padded: false,
        maxDelayMs: 1000,
        shards: 1,
        share: "tenant",
      },
    });
    expect(parseConfig(withWindow({ maxDelayMs: 3_600_001 }), registry)).toMatchObject({
      error: expect.stringContaining("routes.embed.jobs.window.maxDelayMs"),
    });
    const windowed = { ...config, routes: { chat: { ...chat, jobs: { window: {} } } } };
    expect(parseConfig(windowed, registry)).toMatchObject({
      error: expect.stringContaining("routes.chat.jobs.window: chat has no items to share a call"),
    });
  });

  it("keeps a cache that is turned off", () => {
    const input: ConfigInput = { ...config, routes: { chat: { ...chat, cache: false } } };
    expect(valueOf(parseConfig(input, registry)).routes["chat"]?.cache).toBe(false);
  });
});

const withRoute = (change: object) => ({ ...config, routes: { chat: { ...chat, ...change } } });
const withTarget = (change: object) => withRoute({ targets: [target, { ...target, ...change }] });
const withProvider = (change: object) => ({
  ...config,
  providers: { ...config.providers, cloud: { ...provider, ...change } },
});

const words = { provider: "words", model: "words-en" };
const withUnknownModel = withRoute({ task: "embeddings", targets: [words, { ...words, model: "words-fr" }] });

describe("parseConfig's one line on what is wrong", () => {
  it.each<[path: string, says: string, input: unknown]>([
    ["config", "expected object", "{}"],
    ["providers", "expected record", { routes: {} }],
    ["routes", "expected record", { providers: {} }],
    ["config", '"budget"', { ...config, budget: 5 }],
    ["providers.cloud.kind", "'openai' | 'http'", withProvider({ kind: "openia" })],
    ["providers.cloud", '"url"', withProvider({ url: "https://x.example" })],
    ["providers.cloud.baseUrl", 'variable("NAME"', withProvider({ baseUrl: "https://x.example" })],
    [
      "providers.cloud.baseUrl.fallback",
      "with its scheme",
      withProvider({ baseUrl: variable("CLOUD_URL", "x.example/v1") }),
    ],
    [
      "providers.cloud.baseUrl.fallback",
      "with its scheme",
      withProvider({ baseUrl: variable("CLOUD_URL", "localhost:11434/v1") }),
    ],
    ["providers.cloud.baseUrl.variable", "capitals", withProvider({ baseUrl: variable("baseUrl") })],
    ["providers.cloud.apiKey", 'secret("NAME")', withProvider({ apiKey: "sk-live" })],
    ["providers.cloud.concurrency.max", ">=1", withProvider({ concurrency: { max: 0 } })],
    [
      "providers.cloud.concurrency.min",
      "expected no more than max",
      withProvider({ concurrency: { adaptive: true, min: 9, max: 3 } }),
    ],
    [
      "routes.also.targets[0].concurrency",
      "routes.chat.targets[0].concurrency says otherwise of cloud/gpt-4o-mini",
      {
        ...config,
        routes: {
          chat: { ...chat, targets: [{ ...target, concurrency: { max: 2 } }] },
          also: { ...chat, targets: [{ ...target, concurrency: { max: 3 } }] },
        },
      },
    ],
    ["providers.cloud.apiKeys", "not both", withProvider({ apiKeys: [secret("OTHER_KEY")] })],
    ["providers.cloud.apiKeys", ">=1", withProvider({ apiKey: undefined, apiKeys: [] })],
    [
      "providers.cloud.apiKeys",
      "name each secret once",
      withProvider({ apiKey: undefined, apiKeys: [secret("A"), secret("A")] }),
    ],
    ["providers.cloud.apiKeys[1]", 'secret("NAME")', withProvider({ apiKeys: [secret("A"), "sk-live"] })],
    ["routes.chat.targets[1].model", "it has words-en", withUnknownModel],
    ["providers.cloud.apiKey.secret", "capitals", withProvider({ apiKey: secret("sk-live") })],
    ["providers.cloud.headers.x-team", "expected string", withProvider({ headers: { "x-team": 7 } })],
    [
      "providers.cloud.headers.authorization",
      "apiKey",
      withProvider({ headers: { authorization: "Basic x" } }),
    ],
    ["providers.cloud.headers.X-Team", "lower case", withProvider({ headers: { "X-Team": "blue" } })],
    ["providers.cloud.headers.x team", "lower case", withProvider({ headers: { "x team": "blue" } })],
    ["providers.cloud.headers.x-team", "ASCII", withProvider({ headers: { "x-team": "a\nx-evil: 1" } })],
    ["providers.cloud.direct", "expected boolean", withProvider({ direct: "yes" })],
    ["routes.chat.task", '"chat"|"completions"|"embeddings"', withRoute({ task: "poems" })],
    ["routes.chat", '"timeout"', withRoute({ timeout: 5 })],
    ["routes.chat.targets", ">=1", withRoute({ targets: [] })],
    ["routes.chat.targets", "<=16", withRoute({ targets: Array.from({ length: 17 }, () => target) })],
    ["routes.chat.targets[1].model", ">=1", withTarget({ model: "" })],
    ["routes.chat.targets[1]", '"wight"', withTarget({ wight: 1 })],
    ["routes.chat.targets[1].weight", ">=0", withTarget({ weight: -1 })],
    ["routes.chat.strategy", '"fallback"|"weighted"', withRoute({ strategy: "random" })],
    ["routes.chat.promptCache.maxDearer", ">=0", withRoute({ promptCache: { maxDearer: -0.1 } })],
    ["routes.chat.targets[1].price.inputPerMillion", ">=0", withTarget({ price: { inputPerMillion: -1 } })],
    ["routes.chat.targets[1].when", ">=1", withTarget({ when: "" })],
    ["routes.chat.when", "<=1000", withRoute({ when: `tokens > 1${" ".repeat(1000)}` })],
    ["routes.chat.targets[1].contextWindow", "expected int", withTarget({ contextWindow: 0.5 })],
    ["routes.chat.targets[1].provider", "letters, digits", withTarget({ provider: "a b" })],
    ["routes.chat.cache.ttlSeconds", ">=0", withRoute({ cache: { ttlSeconds: -1 } })],
    ["routes.chat.cache.kv", '"auto"|"always"|"never"', withRoute({ cache: { kv: "yes" } })],
    ["routes.chat.cache", '"ttl"', withRoute({ cache: { ttl: 5 } })],
    ["routes.chat.timeoutMs", ">=1", withRoute({ timeoutMs: 0 })],
    ["routes.chat.timeoutMs", "<=900000", withRoute({ timeoutMs: 900_001 })],
    ["routes.chat.timeoutMs", "expected int", withRoute({ timeoutMs: 1.5 })],
    ...[
      "app.example",
      "https://app.example/",
      "https://App.example",
      "https://*.example",
      "http://a:80",
      "*:*",
    ].map((origin): [string, string, unknown] => [
      "cors.origins[0]",
      "as browsers send it",
      { ...config, cors: { origins: [origin] } },
    ]),
    [
      "providers.cloud.breaker",
      "expected boolean",
      { ...config, providers: { cloud: { ...provider, breaker: 3 } } },
    ],
    ["cors.origins", "expected array", { ...config, cors: { origins: "*" } }],
    ["limits.requestBytes", ">=1024", { ...config, limits: { requestBytes: 1 } }],
    ["webhooks.secrets", ">=1", { ...config, webhooks: { secrets: [] } }],
  ])("names %s and says %s", (path, says, input) => {
    const line = errorOf(parseConfig(input, registry));
    expect(line).toMatch(/^headrace\.config\.ts: [^\n]+$/);
    expect(line.slice("headrace.config.ts: ".length)).toMatch(startingWith(`${path}: `));
    expect(line).toContain(says);
  });

  it.each([
    ["providers.a/b", { ...config, providers: { ...config.providers, "a/b": provider } }],
    ["routes.a b", { ...config, routes: { "a b": chat } }],
  ])("names %s, which is no name", (path, input) => {
    expect(errorOf(parseConfig(input, registry))).toContain(`headrace.config.ts: ${path}: `);
  });

  it("lists the providers there are where a target names none of them", () => {
    const line = errorOf(parseConfig(withTarget({ provider: "clowd" }), registry));
    expect(line).toBe(
      "headrace.config.ts: routes.chat.targets[1].provider: there is no provider 'clowd'; there are: cloud, words",
    );
  });

  it.each(["constructor", "toString", "__proto__"])(
    "takes %s, which every object has, for no provider",
    (name) => {
      const line = errorOf(parseConfig(withTarget({ provider: name }), registry));
      expect(line).toContain("headrace.config.ts: routes.chat.targets[1].provider: ");
    },
  );

  it("lists what a provider offers where a route asks it for something else", () => {
    const line = errorOf(parseConfig(withTarget({ provider: "words" }), registry));
    expect(line).toBe(
      "headrace.config.ts: routes.chat.targets[1].provider: 'words' offers embeddings, rerank, classify, not chat",
    );
  });

  it("says what to import where a kind is used that has not been handed over", () => {
    expect(errorOf(parseConfig(config, buildRegistry({})))).toBe(
      "headrace.config.ts: providers.words.kind: import { embedded } from worker/providers/embedded/adapter.ts " +
        "and hand it over: createHeadrace(config, { providers: { embedded } })",
    );
  });

  it("shows where a condition is wrong, with a mark", () => {
    expect(errorOf(parseConfig(withTarget({ when: "tokens < 5 && token > 1" }), registry))).toMatch(
      /^headrace\.config\.ts: routes\.chat\.targets\[1\]\.when: line 1, column 15: Unknown variable: token; .*\ntokens < 5 && token > 1\n {14}\^{5}$/,
    );
    expect(errorOf(parseConfig(withRoute({ when: "tokens < contextWindow" }), registry))).toMatch(
      /^headrace\.config\.ts: routes\.chat\.when: line 1, column 10: Unknown variable: contextWindow; /,
    );
  });

  it("takes no conditions where jobs share their targets in a window", () => {
    const embed = {
      task: "embeddings" as const,
      targets: [{ ...target, when: "hour < 8" }],
      jobs: { window: {} },
    };
    expect(errorOf(parseConfig({ ...config, routes: { embed } }, registry))).toContain(
      "routes.embed.jobs.window: jobs that wait in a window share their targets",
    );
  });

  it("sees the conditions of routes that are targets", () => {
    const inner = { task: "embeddings" as const, targets: [{ ...target, when: "hour < 8" }] };
    const embed = { task: "embeddings" as const, targets: [{ route: "inner" }], jobs: { window: {} } };
    expect(errorOf(parseConfig({ ...config, routes: { embed, inner } }, registry))).toContain(
      "routes.embed.jobs.window: jobs that wait",
    );
    const conditional = { ...embed, jobs: {}, targets: [{ route: "inner", when: "contextWindow > 5" }] };
    expect(errorOf(parseConfig({ ...config, routes: { embed: conditional, inner } }, registry))).toMatch(
      /routes\.embed\.targets\[0\]\.when: line 1, column 1: Unknown variable: contextWindow/,
    );
  });

  it("never repeats a key that was written where a reference belongs", () => {
    expect(errorOf(parseConfig(withProvider({ apiKey: "sk-live" }), registry))).not.toContain("sk-live");
  });
});

describe("a kind of one's own", () => {
  const own: RemoteKind = { adapter: () => createOpenai({}), baseUrl: () => "https://own.example" };
  const mine = { kind: "mine", apiKey: secret("MINE_KEY"), headers: { "x-team": "blue" }, direct: true };
  const withMine: ConfigInput = { ...config, providers: { cloud: mine } };

  it("is taken where it was handed over, and says how it is reached as any other", () => {
    const parsed = valueOf(parseConfig(withMine, buildRegistry({ mine: own })));
    expect(parsed.providers).toEqual({ cloud: mine });
    expect(errorOf(parseConfig(withMine, buildRegistry({})))).toContain("providers.cloud.kind: ");
  });

  it("has nothing to say of how it is reached where it runs inside the Worker", () => {
    const line = errorOf(parseConfig(withMine, buildRegistry({ mine: embedded })));
    expect(line).toContain('providers.cloud: Unrecognized keys: "apiKey"');
  });

  it("takes the place of a kind that is built in, with the config of that", () => {
    const input: ConfigInput = { ...config, providers: { cloud: { kind: "openai", preset: "groq" } } };
    const offering = (adapter: RemoteKind["adapter"]) => buildRegistry({ openai: { adapter } });
    expect(
      parseConfig(
        input,
        offering(() => createOpenai({})),
      ),
    ).toMatchObject({ ok: true });
    expect(
      errorOf(
        parseConfig(
          input,
          offering(() => ({})),
        ),
      ),
    ).toContain("not chat");
  });
});

const startingWith = (text: string) => new RegExp(`^${RegExp.escape(text)}`);
