import { ArrivingBodies } from "../../worker/domain/requests/arriving-bodies.ts";
import type { ConfigInput } from "../../worker/contract/config/config.ts";
import type { Task } from "../../worker/contract/requests.ts";
import type { AnswerBody, StreamEnd } from "../../worker/domain/answers/answer-body.ts";
import { parseConfig } from "../../worker/domain/config/parse-config.ts";
import type { Release } from "../../worker/domain/config/release.ts";
import type { AnswerFact, AttemptFact, Fact } from "../../worker/domain/facts/fact.ts";
import { Deadline } from "../../worker/domain/requests/deadline.ts";
import { ok } from "../../worker/domain/result.ts";
import { buildCatalog } from "../../worker/domain/routing/catalog.ts";
import type { LocalKind } from "../../worker/domain/routing/provider-kind.ts";
import type { InferenceCall, RequestCall } from "../../worker/flows/call.ts";
import { openCall } from "../../worker/flows/open-call.ts";
import type { FlightHead } from "../../worker/flows/inference/flight-head.ts";
import type { Services } from "../../worker/flows/services.ts";
import { type CacheTier, createMemoryTier } from "../../worker/platform/cache-tiers.ts";
import { createCallProvider } from "../../worker/platform/call-provider.ts";
import { KnownTargets } from "../../worker/platform/known-targets.ts";
import { CallBudgets } from "../../worker/platform/call-budgets.ts";
import { TargetHealth } from "../../worker/platform/target-health.ts";
import { ProviderKeys } from "../../worker/platform/provider-keys.ts";
import { RouteHistories } from "../../worker/platform/route-histories.ts";
import { sleep } from "../../worker/platform/sleep.ts";
import { TargetSlots } from "../../worker/platform/target-slots.ts";
import { createTell } from "../../worker/platform/tell.ts";
import { createTieredCache } from "../../worker/platform/tiered-cache.ts";
import { buildRegistry } from "../../worker/providers/registry.ts";
import { Flights } from "../../worker/streams/flights.ts";
import { HeldBytes } from "../../worker/domain/answers/held-bytes.ts";
import { valueOf } from "./unwrap-result.ts";

/** What a provider was asked over the network. */
export interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly signal: AbortSignal;
}

/** Plays the providers of a world; what it throws is a broken connection. */
export type Provider = (asked: Asked) => Response | Promise<Response>;

/** The flows' services in memory: real ones, but for the network, the clock and the dice. */
export interface World {
  readonly services: Services;
  readonly release: Release;
  /** Milliseconds since the epoch; moved by the test. */
  clock: number;
  provider: Provider;
  readonly asked: Asked[];
  /** What was told, in its order. */
  readonly facts: Fact[];
  /** What went wrong in the gateway itself. */
  readonly logged: string[];
  readonly defer: (work: Promise<unknown>) => void;
  /** Waits for all that was deferred, and what that defers in turn. */
  settle(): Promise<void>;
  attempts(): readonly AttemptFact[];
  answers(): readonly AnswerFact[];
}

export const T = 1_000_000;
const MEMORY_BYTES = 8 * 1024 * 1024;

const price = { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000 };
const one = { provider: "one", model: "big", price };
const two = { provider: "two", model: "small", price };
/** It takes headers of clients. */
const titled = { provider: "titled", model: "big", price };
const keyed = { provider: "keyed", model: "big", price };
/** It takes two calls at once. */
const narrow = { ...one, concurrency: { max: 2, waitMs: 1000 } };
const local = { provider: "here", model: "tiny" };

/** A model that runs inside the Worker. */
const here: LocalKind = {
  runsIn: "worker",
  adapter: () => ({
    embeddings: {
      kind: "local",
      answer: () => ok({ body: '{"object":"list","data":[]}', usage: { prompt_tokens: 1, total_tokens: 1 } }),
    },
  }),
};

/** Most tests are about what becomes of a failure that is not repeated. */
const once = { attempts: 1 };

/** A token of input costs one dollar, of output two: sums are easily told. */
const config: ConfigInput = {
  providers: {
    one: { kind: "openai", baseUrl: { variable: "ONE" }, apiKey: { secret: "ONE_KEY" } },
    two: { kind: "openai", baseUrl: { variable: "TWO" } },
    titled: {
      kind: "openai",
      preset: "openrouter",
      baseUrl: { variable: "TWO" },
      apiKey: { secret: "ONE_KEY" },
    },
    /** It has several keys. */
    keyed: {
      kind: "openai",
      baseUrl: { variable: "ONE" },
      direct: true,
      apiKeys: [{ secret: "KEY_A" }, { secret: "KEY_UNSET" }, { secret: "KEY_B" }, { secret: "KEY_C" }],
    },
    here: { kind: "here" },
  },
  routes: {
    chat: { task: "chat", targets: [one, two], retry: once, timeoutMs: 300 },
    shown: { task: "chat", targets: [one, two], retry: once, streams: { usage: "show" }, timeoutMs: 300 },
    watched: { task: "chat", targets: [one, two], retry: once, streams: { usage: "show", unread: false } },
    brief: { task: "chat", targets: [one, two], retry: once, streams: { quietMs: 100 }, timeoutMs: 300 },
    embed: { task: "embeddings", targets: [one, two], retry: once },
    uncached: { task: "embeddings", targets: [one, two], retry: once, cache: false },
    windowed: { task: "embeddings", targets: [one, two], retry: once, window: {}, cache: false },
    gathered: { task: "embeddings", targets: [one, two], retry: once, jobs: { window: {} } },
    local: { task: "embeddings", targets: [local] },
    titled: { task: "embeddings", targets: [titled], window: {}, cache: false, jobs: { window: {} } },
    speak: { task: "speech", targets: [one, two], retry: once },
    draw: { task: "images", targets: [one, two], retry: once },
    "repeated-window": { task: "embeddings", targets: [one, two], window: {}, cache: false },
    repeated: { task: "chat", targets: [one, two], cache: false },
    keyed: { task: "chat", targets: [keyed], cache: false, timeoutMs: 300 },
    "keyed-first": { task: "chat", targets: [keyed, two], cache: false, timeoutMs: 300 },
    "keyed-embed": { task: "embeddings", targets: [keyed], cache: false },
    narrow: { task: "chat", targets: [narrow], retry: once, cache: false, timeoutMs: 300 },
    "narrow-first": { task: "chat", targets: [narrow, two], retry: once, cache: false, timeoutMs: 300 },
    "narrow-embed": { task: "embeddings", targets: [narrow], retry: once, cache: false },
    hear: { task: "transcriptions", targets: [one, two] },
  },
};
const SETTINGS: Readonly<Record<string, string>> = {
  ONE: "https://one.example/v1",
  TWO: "https://two.example/v1",
  ONE_KEY: "sk-one",
  KEY_A: "sk-a",
  KEY_B: "sk-b",
  KEY_C: "sk-c",
};

/** Opens a world; its time stands still but where the test moves it. */
export function openWorld(changes: Partial<Services> = {}): World {
  const registry = buildRegistry({ here });
  const parsed = valueOf(parseConfig(config, registry));
  const release = {
    version: "r1",
    config: parsed,
    catalog: buildCatalog(parsed, registry, (name) => SETTINGS[name]),
  };
  const facts: Fact[] = [];
  const logged: string[] = [];
  const deferred: Promise<unknown>[] = [];
  const asked: Asked[] = [];
  const log = { info: () => {}, warn: (event: string) => void logged.push(event) };
  const now = () => world.clock;
  const fetcher = async (url: string, init: RequestInit) => {
    const text = await new Response(init.body).text();
    const call = { url, headers: init.headers as Asked["headers"], text, signal: init.signal as AbortSignal };
    asked.push(call);
    return world.provider(call);
  };
  const held = new HeldBytes(now);
  const tiers = [createMemoryTier(MEMORY_BYTES), openFarTier("colo"), openFarTier("kv")];
  const world: World = {
    release,
    clock: T,
    provider: () => Promise.reject(new Error("nobody plays the provider")),
    asked,
    facts,
    logged,
    defer: (work) => void deferred.push(work),
    async settle() {
      while (deferred.length > 0) await Promise.all(deferred.splice(0));
      await turns();
    },
    attempts: () => facts.filter((fact) => fact.kind === "attempt"),
    answers: () => facts.filter((fact) => fact.kind === "answer"),
    services: {
      cache: createTieredCache(tiers, log),
      flights: new Flights<FlightHead>(now, held),
      held,
      histories: new RouteHistories(),
      callProvider: createCallProvider(fetcher as typeof fetch, now, new ArrivingBodies(now)),
      budgets: new CallBudgets(),
      sharing: { touch: () => undefined, locate: () => undefined },
      askHealth: () => Promise.reject(new Error("nobody plays the objects of providers")),
      withoutOptions: new KnownTargets(),
      inForm: new KnownTargets(),
      health: new TargetHealth(() => 1),
      keys: new ProviderKeys(() => 0.001),
      slots: new TargetSlots(now),
      windows: {
        find: () => ({
          run: () => Promise.reject(new Error("nobody plays the windows")),
          extend: () => Promise.resolve(),
          leave: () => Promise.resolve(),
        }),
      },
      tell: createTell({ test: { hear: (fact) => void facts.push(fact) } }, log),
      hideSecrets: (text) => text,
      log,
      now,
      random: () => 0.5,
      sleep,
      ...changes,
    },
  };
  return world;
}

/** What other isolates share, as far as an isolate can tell. */
const openFarTier = (name: "colo" | "kv"): CacheTier => ({ ...createMemoryTier(MEMORY_BYTES), name });

/** Lets what has happened be noticed; a digest may take longer. */
export const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Waits until something is so, however long digests take. */
export const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await turns(1);
};

let requests = 0;

/** What every request of a world has; each is one of its own. */
export const openRequest = (world: World, changes: Partial<RequestCall> = {}): RequestCall => ({
  caller: { tenant: "acme", keyId: "0123456789abcdef", scopes: ["key"] },
  release: world.release,
  startedAt: world.clock,
  deadline: new Deadline(world.clock + 60_000),
  signal: new AbortController().signal,
  requestId: `request-${++requests}`,
  metadata: undefined,
  traceparent: undefined,
  place: () => undefined,
  priority: "normal",
  defer: world.defer,
  outlive: () => {},
  time: () => {},
  ...changes,
});

/** What is asked for: a task, and its body as JSON. */
export type AskedFor = readonly [task: Task, body: object];

/** A request for an answer, as it stands when it has been admitted and parsed. */
export function ask(
  world: World,
  [task, body]: AskedFor,
  { cacheControl = null, ...changes }: Partial<RequestCall> & { cacheControl?: string | null } = {},
): InferenceCall {
  return valueOf(openCall(openRequest(world, changes), { task, body, cacheControl }));
}

/** A chat; at temperature 0 its answer may be kept. */
export const chat = (changes: object = {}, model = "chat"): AskedFor => [
  "chat",
  { model, messages: [{ role: "user", content: "Hello" }], ...changes },
];

export const embed = (input: string | readonly string[] = "hello", model = "uncached"): AskedFor => [
  "embeddings",
  { model, input },
];

export const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
/** Of USAGE at the world's prices. */
export const COST = 7;

/** A whole chat completion. */
export const completion = (usage: object | null = USAGE) =>
  Response.json({
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "big",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    ...(usage ? { usage } : {}),
  });

/** Vectors for the inputs that were asked for, with a token of usage for each. */
export function vectors({ text }: Asked): Response {
  const { input } = JSON.parse(text) as { input: string | readonly string[] };
  const data = [input].flat().map((_, index) => ({ object: "embedding", index, embedding: [index, 0.5] }));
  const usage = { prompt_tokens: data.length, total_tokens: data.length };
  return Response.json({ object: "list", data, model: "big", usage });
}

export const refuse = (status: number, message = "no") => Response.json({ error: { message } }, { status });

const encoder = new TextEncoder();

const HEAD = { id: "c1", object: "chat.completion.chunk", created: 1, model: "big" };

export const delta = (content: string): string =>
  `data: ${JSON.stringify({ ...HEAD, choices: [{ index: 0, delta: { content } }] })}\n\n`;
export const usageEvent = `data: ${JSON.stringify({ ...HEAD, choices: [], usage: USAGE })}\n\n`;
export const DONE = "data: [DONE]\n\n";

/** A stream that a test feeds; it breaks when its call is given up, as the network's do. */
export interface Feed {
  readonly response: Response;
  send(text: string): void;
  close(): void;
  break(): void;
}

/** Opens a stream of events, or of another content type. */
export function openFeed(signal: AbortSignal, type = "text/event-stream"): Feed {
  let controller: ReadableByteStreamController | undefined;
  const body = new ReadableStream({
    type: "bytes",
    start: (given) => {
      controller = given;
    },
  });
  const fail = (message: string) => controller?.error(new Error(message));
  signal.addEventListener("abort", () => fail("the call was aborted"));
  return {
    response: new Response(body, { headers: { "content-type": type } }),
    send: (text) => controller?.enqueue(encoder.encode(text)),
    close: () => controller?.close(),
    break: () => fail("the connection was lost"),
  };
}

/** Streams parts, and ends. */
export const streams =
  (...parts: readonly string[]): Provider =>
  ({ signal }) => {
    const feed = openFeed(signal);
    for (const part of parts) feed.send(part);
    feed.close();
    return feed.response;
  };

/** What a reader got of an answer: its text, and how it ended; undefined where it broke off. */
export interface ReadAnswer {
  readonly text: string;
  readonly end: StreamEnd | undefined;
}

/** Reads an answer to its end, whatever form it has. */
export async function readBody(body: AnswerBody): Promise<ReadAnswer> {
  const decoder = new TextDecoder();
  if (body.form === "json") return { text: decoder.decode(body.bytes), end: ok(body.settlement.usage) };
  if (body.form === "raw") {
    const text = await new Response(body.stream).text().catch(() => undefined);
    return { text: text ?? "", end: text === undefined ? undefined : ok(null) };
  }
  let text = "";
  for (;;) {
    const step = await body.pieces.next();
    if (step.done) return { text, end: step.value };
    text += decoder.decode(step.value.bytes);
  }
}
