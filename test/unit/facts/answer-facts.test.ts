import { describe, expect, it } from "vitest";
import type { InferenceCall } from "../../../worker/flows/call.ts";
import { costOf } from "../../../worker/flows/inference/outcome.ts";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import { createTell } from "../../../worker/platform/tell.ts";
import {
  ask,
  type AskedFor,
  chat,
  completion,
  COST,
  delta,
  DONE,
  embed,
  openFeed,
  openWorld,
  readBody,
  refuse,
  streams,
  T,
  turns,
  USAGE,
  usageEvent,
  vectors,
  type World,
} from "../flow-services.ts";
import { valueOf } from "../unwrap-result.ts";

const cached = chat({ temperature: 0 });
const streamed = chat({ stream: true });
const cachedStream = chat({ temperature: 0, stream: true });

/** Asks, and reads the answer to its end. */
async function answer(world: World, call: InferenceCall) {
  const outcome = valueOf(await runInference(world.services, call));
  const read = await readBody(outcome.body);
  await world.settle();
  return { outcome, ...read };
}

const common = { kind: "answer", tenant: "acme", keyId: "0123456789abcdef", release: "r1", startedAt: T };

describe("a request that is answered by a call of its own", () => {
  it("is one attempt and one answer, with the same numbers in both and in its header", async () => {
    const world = openWorld();
    world.provider = () => {
      world.clock += 40;
      return completion();
    };
    const call = ask(world, chat(), { metadata: { user: "42" } });
    const { outcome } = await answer(world, call);
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "answer"]);
    expect(world.answers()).toEqual([
      {
        ...common,
        request: call.requestId,
        task: "chat",
        route: "chat",
        target: "targets[0]=one/big",
        source: "call",
        attempts: 1,
        endedAt: T + 40,
        usage: USAGE,
        costUsd: COST,
        complete: true,
        metadata: { user: "42" },
      },
    ]);
    expect(world.attempts()).toMatchObject([{ request: call.requestId, usage: USAGE, costUsd: COST }]);
    expect(costOf(outcome)).toBe(COST);
  });

  it("is an attempt for each target that was tried, and one answer", async () => {
    const world = openWorld();
    world.provider = ({ url }) => (url.startsWith("https://one") ? refuse(503) : completion());
    await answer(world, ask(world, chat()));
    expect(world.attempts().map(({ target, error }) => [target, error])).toEqual([
      ["targets[0]=one/big", "upstream_error"],
      ["targets[1]=two/small", null],
    ]);
    expect(world.answers()).toMatchObject([{ target: "targets[1]=two/small", attempts: 2, source: "call" }]);
  });

  it("tells an estimate, which its header does not", async () => {
    const world = openWorld();
    world.provider = () => completion(null);
    const { outcome } = await answer(world, ask(world, chat()));
    const [told] = world.answers();
    expect(told).toMatchObject({ usage: { estimated: true } });
    expect(told?.costUsd).toBe(world.attempts()[0]?.costUsd);
    expect(costOf(outcome)).toBeUndefined();
  });

  it("is an attempt and an answer that cost nothing where it was computed here", async () => {
    const world = openWorld();
    const { outcome } = await answer(world, ask(world, embed("hello", "local")));
    expect(world.attempts()).toMatchObject([{ costUsd: 0 }]);
    expect(world.answers()).toMatchObject([{ source: "call", costUsd: 0, attempts: 1 }]);
    expect(costOf(outcome)).toBe(0);
  });

  it("is no answer where every target failed: that is told where it is refused", async () => {
    const world = openWorld();
    world.provider = () => refuse(500);
    expect(await runInference(world.services, ask(world, chat()))).toMatchObject({ ok: false });
    await world.settle();
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "attempt"]);
  });

  it("tells its stream at the end, by the same numbers", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), usageEvent, DONE);
    const outcome = valueOf(await runInference(world.services, ask(world, streamed)));
    await turns();
    expect(world.facts).toEqual([]);
    world.clock += 90;
    await readBody(outcome.body);
    await world.settle();
    const same = { usage: USAGE, costUsd: COST, complete: true, endedAt: T + 90 };
    expect(world.attempts()).toMatchObject([same]);
    expect(world.answers()).toMatchObject([{ ...common, ...same, source: "call" }]);
  });

  it("tells a stream that was cut as incomplete, and who cut it in the attempt", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), delta("b"));
    expect((await answer(world, ask(world, streamed))).end).toMatchObject({ ok: false });
    const same = { usage: { completion_tokens: 2, estimated: true }, complete: false };
    expect(world.attempts()).toMatchObject([{ ...same, error: "upstream_invalid_response" }]);
    expect(world.answers()).toMatchObject([same]);
    expect(world.answers()[0]?.costUsd).toBe(world.attempts()[0]?.costUsd);
  });

  it.each([
    ["that the gateway reads", streamed],
    ["whose answer is to be kept", cachedStream],
  ])("tells a stream once that its client has left: one %s", async (_, asked) => {
    const world = openWorld();
    const client = new AbortController();
    world.provider = ({ signal }) => {
      const feed = openFeed(signal);
      feed.send(delta("a"));
      return feed.response;
    };
    const { body } = valueOf(
      await runInference(world.services, ask(world, asked, { signal: client.signal })),
    );
    const reading = readBody(body);
    await turns();
    client.abort();
    expect((await reading).end).toMatchObject({ ok: false, error: { code: "client_closed" } });
    await world.settle();
    expect(world.asked[0]?.signal.aborted).toBe(true);
    expect(world.attempts()).toMatchObject([{ error: "client_closed", complete: false }]);
    expect(world.answers()).toMatchObject([{ complete: false, usage: { completion_tokens: 1 } }]);
  });
});

describe("a request that is answered from the cache", () => {
  it.each([
    ["memory", 1],
    ["colo", 2],
  ])("is one answer that costs nothing, and no attempt: from %s", async (tier, keys) => {
    const world = openWorld();
    world.provider = () => completion();
    await answer(world, ask(world, cached));
    world.facts.splice(0);
    const other = { ...world.services, cache: tierOnly(world, keys) };
    const { outcome } = await answer({ ...world, services: other }, ask(world, cached));
    expect(outcome.cache).toMatchObject({ kind: "hit", tier });
    expect(world.facts).toMatchObject([
      { ...common, source: "hit", attempts: 0, usage: null, costUsd: 0, complete: true },
    ]);
    expect(costOf(outcome)).toBe(0);
    expect(world.asked).toHaveLength(1);
  });

  it("is one answer at the end of its stream", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), usageEvent, DONE);
    const first = await answer(world, ask(world, cachedStream));
    world.facts.splice(0);
    const again = valueOf(await runInference(world.services, ask(world, cachedStream)));
    expect(world.facts).toEqual([]);
    expect((await readBody(again.body)).text).toBe(first.text);
    await world.settle();
    expect(world.facts).toMatchObject([{ source: "hit", costUsd: 0, complete: true }]);
  });

  it("is an incomplete answer where its client leaves in the middle of it", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), usageEvent, DONE);
    await answer(world, ask(world, cachedStream));
    world.facts.splice(0);
    for (const steps of [0, 1]) {
      const { body } = valueOf(await runInference(world.services, ask(world, cachedStream)));
      if (body.form !== "events") throw new Error("not a stream");
      for (let step = 0; step < steps; step++) await body.pieces.next();
      await body.pieces.return({ ok: false, error: { code: "client_closed" } });
      await world.settle();
    }
    expect(world.facts).toMatchObject([
      { source: "hit", complete: false },
      { source: "hit", complete: false },
    ]);
  });

  it("is one answer while the stale one is renewed, which is an attempt", async () => {
    const world = openWorld();
    world.provider = () => completion();
    await answer(world, ask(world, cached));
    world.facts.splice(0);
    world.clock += 3_700_000;
    await answer(world, ask(world, cached));
    expect(world.facts.map(({ kind }) => kind).toSorted()).toEqual(["answer", "attempt"]);
    expect(world.answers()).toMatchObject([{ source: "hit", costUsd: 0 }]);
    expect(world.attempts()).toMatchObject([{ costUsd: COST }]);
  });
});

describe("those who share a flight", () => {
  /** Asks for the same at once. */
  async function together(world: World, same: AskedFor, count: number) {
    const knownKey = { key: "known", target: "targets[0]=one/big" };
    const calls = Array.from({ length: count }, () => ({ ...ask(world, same), knownKey }));
    const { provider } = world;
    world.provider = async (asked) => {
      await turns();
      return provider(asked);
    };
    const outcomes = await Promise.all(calls.map((call) => runInference(world.services, call)));
    const values = outcomes.map(valueOf);
    const texts = await Promise.all(values.map(async ({ body }) => (await readBody(body)).text));
    await world.settle();
    return { calls, values, texts };
  }

  it("are one attempt and an answer each, of which the leader's alone costs", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const { calls, values, texts } = await together(world, cached, 4);
    expect(new Set(texts).size).toBe(1);
    expect(world.attempts()).toMatchObject([{ request: calls[0]?.requestId, costUsd: COST, sharedBy: 1 }]);
    expect(world.answers().toSorted((a, b) => (b.costUsd ?? 0) - (a.costUsd ?? 0))).toMatchObject([
      { request: calls[0]?.requestId, source: "call", costUsd: COST, usage: USAGE },
      ...calls.slice(1).map(() => ({ source: "flight", costUsd: 0, usage: USAGE, complete: true })),
    ]);
    expect(values.map(costOf)).toEqual([COST, 0, 0, 0]);
  });

  it("are told of streams at their own ends, by the same rule", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), usageEvent, DONE);
    const { calls, texts } = await together(world, cachedStream, 3);
    expect(new Set(texts).size).toBe(1);
    expect(world.attempts()).toMatchObject([{ request: calls[0]?.requestId, costUsd: COST }]);
    const costs = world.answers().map(({ request, source, costUsd }) => [request, `${source} ${costUsd}`]);
    expect(Object.fromEntries(costs)).toEqual(
      Object.fromEntries(
        calls.map(({ requestId }, at) => [requestId, at === 0 ? `call ${COST}` : "flight 0"]),
      ),
    );
  });

  it("have no usage made up for those who follow, where the provider does not count", async () => {
    const world = openWorld();
    world.provider = () => completion(null);
    await together(world, cached, 2);
    const usages = world.answers().map(({ source, usage }) => [source, usage?.["estimated"] ?? null]);
    expect(Object.fromEntries(usages)).toEqual({ call: true, flight: null });
  });

  it("are incomplete answers, each, of a stream that was cut", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), delta("b"));
    await together(world, cachedStream, 2);
    expect(world.attempts()).toHaveLength(1);
    expect(world.answers()).toMatchObject([{ complete: false }, { complete: false }]);
    expect(world.answers().filter(({ costUsd }) => costUsd === 0)).toHaveLength(1);
  });
});

describe("a listener that throws", () => {
  it("changes nothing for those who are answered, nor for those who listen beside it", async () => {
    const world = openWorld();
    const heard: string[] = [];
    const tell = createTell(
      {
        broken: {
          hear: () => {
            throw new Error("no");
          },
        },
        log: { hear: ({ kind }) => void heard.push(kind) },
      },
      world.services.log,
    );
    const services = { ...world.services, tell };
    world.provider = streams(delta("a"), usageEvent, DONE);
    const { text } = await answer({ ...world, services }, ask(world, streamed));
    expect(text).toContain("[DONE]");
    world.provider = vectors;
    await answer({ ...world, services }, ask(world, embed()));
    expect(heard).toEqual(["attempt", "answer", "attempt", "answer"]);
    expect(tell.failures).toEqual(new Map([["broken", 4]]));
    expect(world.logged).toEqual(["listener_failed"]);
  });
});

/** The world's cache as another isolate has it: with what the nearest tiers hold, or without. */
function tierOnly(world: World, keys: number): World["services"]["cache"] {
  const { cache } = world.services;
  if (keys === 1) return cache;
  const far = async (lookup: Parameters<typeof cache.find>[0], now: number, roll: number) => {
    const found = await cache.find(lookup, now, roll);
    return found && { ...found, tier: "colo" as const };
  };
  return { ...cache, find: far, peek: () => undefined };
}
