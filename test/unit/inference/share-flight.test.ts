import { afterEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "../../../worker/domain/requests/deadline.ts";
import type { InferenceCall } from "../../../worker/flows/call.ts";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import type { Limiter } from "../../../worker/platform/limiter.ts";
import {
  ask,
  type AskedFor,
  chat,
  completion,
  COST,
  delta,
  DONE,
  type Feed,
  openFeed,
  openWorld,
  readBody,
  refuse,
  turns,
  until,
  usageEvent,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

afterEach(() => {
  vi.useRealTimers();
});

const cached = chat({ temperature: 0 });
const streamed = chat({ temperature: 0, stream: true });

/** Asks, under a key that is known, so that no digest takes its time; its client leaves when the test says so. */
function open(world: World, asked: AskedFor, changes: Partial<InferenceCall> = {}) {
  const client = new AbortController();
  const call = {
    ...ask(world, asked, { signal: client.signal }),
    ...changes,
    knownKey: { key: JSON.stringify(asked), target: "targets[0]=one/big" },
  };
  return { call, leave: () => client.abort(), outcome: runInference(world.services, call) };
}

/** Two that ask the same: the first leads. */
async function openTwo(world: World, asked: AskedFor) {
  const leader = open(world, asked);
  await turns();
  const follower = open(world, asked);
  await turns();
  return [leader, follower] as const;
}

/** A provider that answers when the test says so; the network takes a while to end a call. */
function hold(world: World) {
  const held: PromiseWithResolvers<Response>[] = [];
  world.provider = ({ signal }) => {
    const each = Promise.withResolvers<Response>();
    const end = () => each.reject(new Error("the call was aborted"));
    signal.addEventListener("abort", () => void turns().then(end));
    held.push(each);
    return each.promise;
  };
  return held;
}

/** A provider that streams what the test sends. */
function feed(world: World): Feed[] {
  const feeds: Feed[] = [];
  world.provider = ({ signal }) => {
    const each = openFeed(signal);
    feeds.push(each);
    return each.response;
  };
  return feeds;
}

/** Digests are made by other threads, and time that only these tests let pass does not wait for them. */
const PATIENT = { retry: 2, timeout: 20_000 };

describe("identical requests", PATIENT, () => {
  it("share one call, whose answer is kept for those who come later", async () => {
    const world = openWorld();
    const held = hold(world);
    const requests = await openTwo(world, cached);
    held[0]?.resolve(completion());
    const [first, second] = (await Promise.all(requests.map(({ outcome }) => outcome))).map(valueOf);
    expect([first?.cache, second?.cache]).toMatchObject([{ collapsed: false }, { collapsed: true }]);
    expect(second?.attempts).toEqual(first?.attempts);
    await world.settle();
    const later = valueOf(await open(world, cached).outcome);
    expect(later.cache.kind).toBe("hit");
    expect(world.asked).toHaveLength(1);
  });

  it("share its failure, which is kept for nobody", async () => {
    const world = openWorld();
    const held = hold(world);
    const requests = await openTwo(world, cached);
    held[0]?.resolve(refuse(400, "bad"));
    for (const { outcome } of requests) {
      expect(errorOf(await outcome)).toMatchObject({ code: "invalid_request", tries: [{ status: 400 }] });
    }
    await world.settle();
    void open(world, cached);
    await turns();
    expect(world.asked).toHaveLength(2);
  });

  it("make a call of their own where that of a job was not made, for its target was paused", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const turn = Promise.withResolvers<void>();
    const inTurn: Limiter = (work) => turn.promise.then(work);
    const job = open(world, cached, { inTurn });
    await turns();
    const client = open(world, cached);
    await turns();
    const error = { code: "upstream_error", retryAfterMs: 5000 } as const;
    const down = { startedAt: world.clock, endedAt: world.clock, error };
    for (const target of job.call.route.targets) {
      for (let failures = 0; failures < 5; failures++) world.services.health.hear(target, down);
    }
    // One call a second is let through for a client, who waits.
    world.clock += 1000;
    turn.resolve();
    expect(errorOf(await job.outcome)).toMatchObject({ uncalled: true });
    expect(valueOf(await client.outcome).cache).toMatchObject({ kind: "forward", collapsed: false });
  });

  it("go on with the call of a client that has left", async () => {
    const world = openWorld();
    const feeds = feed(world);
    const [leader, follower] = await openTwo(world, streamed);
    feeds[0]?.send(delta("a"));
    const outcomes = await Promise.all([leader.outcome, follower.outcome]);
    leader.leave();
    await turns();
    feeds[0]?.send(delta("b") + usageEvent + DONE);
    const read = await readBody(valueOf(outcomes[1]).body);
    expect(read).toMatchObject({ end: { ok: true } });
    expect(read.text).toContain(delta("b"));
    await readBody(valueOf(outcomes[0]).body);
    feeds[0]?.close();
    await world.settle();
    expect(world.attempts()).toMatchObject([{ complete: true, costUsd: COST }]);
  });

  it("make a call of their own where the one in progress has just been given up", async () => {
    const world = openWorld();
    const held = hold(world);
    const left = open(world, cached);
    await turns();
    left.leave();
    const next = open(world, cached);
    await turns();
    await turns();
    expect(errorOf(await left.outcome).code).toBe("client_closed");
    expect(held).toHaveLength(2);
    held[1]?.resolve(completion());
    expect(valueOf(await next.outcome).cache).toMatchObject({ collapsed: false });
    await world.settle();
    expect(world.attempts()).toMatchObject([{ error: "client_closed" }, { error: null }]);
  });

  it("ask nobody where their client has left before they begin", async () => {
    const world = openWorld();
    hold(world);
    const gone = new AbortController();
    gone.abort();
    for (const asked of [cached, streamed, chat()]) {
      const { outcome } = open(world, asked, { signal: gone.signal });
      expect(errorOf(await outcome).code).toBe("client_closed");
    }
    await world.settle();
    expect(world.asked).toEqual([]);
    expect(world.facts).toEqual([]);
  });
});

describe("a flight that nobody is left to read", PATIENT, () => {
  it("is given up where its leader leaves alone, and that is no failure of the provider", async () => {
    const world = openWorld();
    const feeds = feed(world);
    const { outcome, leave } = open(world, streamed);
    await turns();
    feeds[0]?.send(delta("a"));
    const { body } = valueOf(await outcome);
    const reading = readBody(body);
    await turns();
    leave();
    expect((await reading).end).toMatchObject({ ok: false, error: { code: "client_closed" } });
    await world.settle();
    expect(world.attempts()).toMatchObject([{ error: "client_closed", complete: false }]);
    expect(world.asked[0]?.signal.aborted).toBe(true);
    expect(await body.settlement).toMatchObject({ complete: false, broken: { code: "client_closed" } });
  });

  it("is given up at the next beat where the last who leaves has followed", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
    const world = openWorld();
    hold(world);
    const [leader, follower] = await openTwo(world, cached);
    leader.leave();
    await turns();
    expect(world.asked[0]?.signal.aborted).toBe(false);
    follower.leave();
    await vi.advanceTimersByTimeAsync(1000);
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await turns(40);
    for (const { outcome } of [leader, follower]) expect(errorOf(await outcome).code).toBe("client_closed");
    await world.settle();
    await until(() => vi.getTimerCount() === 0);
  });

  it("is counted down by whoever leaves its stream, even before the first piece", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
    const world = openWorld();
    const feeds = feed(world);
    const requests = await openTwo(world, streamed);
    feeds[0]?.send(delta("a"));
    await turns();
    for (const { outcome } of requests) {
      const { body } = valueOf(await outcome);
      if (body.form !== "events") throw new Error("not a stream");
      await body.pieces.return({ ok: false, error: { code: "client_closed" } });
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await world.settle();
    expect(world.answers()).toMatchObject([{ complete: false }, { complete: false }]);
    await until(() => vi.getTimerCount() === 0);
  });
});

describe("requests of one flight with deadlines of their own", PATIENT, () => {
  const TIMERS = ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] as const;
  /** Time passes in beats, as the leader's does. */
  const pass = async (world: World, ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      world.clock += 10;
      await vi.advanceTimersByTimeAsync(10);
    }
    await turns();
  };
  const within = (world: World, ms: number) => ({ deadline: new Deadline(world.clock + ms) });

  it("are each given up at their own, and the call is not while one still waits", async () => {
    vi.useFakeTimers({ toFake: [...TIMERS] });
    const world = openWorld();
    const held = hold(world);
    const leader = open(world, cached, within(world, 100));
    await turns();
    const hasty = open(world, cached, within(world, 60));
    const patient = open(world, cached, within(world, 290));
    await turns();
    await pass(world, 60);
    expect(errorOf(await hasty.outcome).code).toBe("deadline_exceeded");
    await pass(world, 40);
    expect(errorOf(await leader.outcome).code).toBe("deadline_exceeded");
    await pass(world, 150);
    held[0]?.resolve(completion());
    expect(valueOf(await patient.outcome).cache).toMatchObject({ collapsed: true });
    await world.settle();
    expect(world.asked).toHaveLength(1);
    expect(valueOf(await open(world, cached).outcome).cache.kind).toBe("hit");
    await until(() => vi.getTimerCount() === 0);
  });

  it("end their streams by it, and the call by the longest of them", async () => {
    vi.useFakeTimers({ toFake: [...TIMERS] });
    const world = openWorld();
    const feeds = feed(world);
    const leader = open(world, streamed, within(world, 100));
    await turns();
    feeds[0]?.send(delta("a"));
    await turns();
    const reading = readBody(valueOf(await leader.outcome).body);
    const follower = open(world, streamed, within(world, 200));
    await turns();
    const following = readBody(valueOf(await follower.outcome).body);
    await pass(world, 100);
    expect((await reading).end).toEqual({ ok: false, error: { code: "deadline_exceeded" } });
    feeds[0]?.send(delta("b"));
    await pass(world, 100);
    const followed = await following;
    expect(followed.text).toContain(delta("b"));
    expect(followed.end).toMatchObject({ ok: false, error: { code: "deadline_exceeded" } });
    await pass(world, 100);
    await world.settle();
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await until(() => vi.getTimerCount() === 0);
  });

  it("tell of each attempt where the call itself has run out of time", async () => {
    vi.useFakeTimers({ toFake: [...TIMERS] });
    const world = openWorld();
    hold(world);
    const { outcome } = open(world, cached, within(world, 100));
    await turns();
    await pass(world, 100);
    const tries = [{ error: "deadline_exceeded" }];
    expect(errorOf(await outcome)).toMatchObject({ code: "deadline_exceeded", tries });
    await world.settle();
    expect(world.attempts()).toMatchObject([{ error: "deadline_exceeded" }]);
  });

  it("go on to the next target where the longest has time for it", async () => {
    vi.useFakeTimers({ toFake: [...TIMERS] });
    const world = openWorld();
    const held = hold(world);
    const leader = open(world, cached, within(world, 100));
    await turns();
    const follower = open(world, cached, within(world, 290));
    await turns();
    await pass(world, 100);
    held[0]?.resolve(refuse(503));
    await turns();
    held[1]?.resolve(completion());
    expect(errorOf(await leader.outcome).code).toBe("deadline_exceeded");
    expect(valueOf(await follower.outcome).target).toBe("targets[1]=two/small");
  });
});

describe("a flight whose leader dies", PATIENT, () => {
  it("ends for those who read it, each of whom is told of; another leads where it had not begun", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
    const world = openWorld();
    const feeds = feed(world);
    const [leader, follower] = await openTwo(world, streamed);
    feeds[0]?.send(delta("a"));
    await leader.outcome;
    const reading = readBody(valueOf(await follower.outcome).body);
    await turns();
    // A leader that has died beats no more.
    vi.clearAllTimers();
    world.clock += 5000;
    const next = open(world, streamed);
    await turns();
    expect(world.asked).toHaveLength(2);
    feeds[1]?.send(delta("b") + DONE);
    feeds[1]?.close();
    expect(valueOf(await next.outcome).cache).toMatchObject({ collapsed: false });
    feeds[0]?.send(delta("c"));
    await turns();
    feeds[0]?.break();
    expect((await reading).end).toMatchObject({ ok: false });
    await turns();
    expect(world.answers().filter(({ source }) => source === "flight")).toMatchObject([
      { complete: false, costUsd: 0 },
    ]);
  });
});

describe("a flight leaves nothing behind", PATIENT, () => {
  it("at its clients' signals, whatever became of it", async () => {
    const world = openWorld();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const responses = [() => completion(), () => refuse(400)];
    for (const respond of responses) {
      world.provider = async () => {
        await turns();
        return respond();
      };
      const directives = { cacheControl: "no-cache" };
      const calls = [ask(world, cached, { signal, ...directives }), ask(world, cached, { signal })];
      await Promise.all(calls.map((call) => runInference(world.services, call)));
      await world.settle();
    }
    const listeners = (spy: typeof added | typeof removed) =>
      new Set(spy.mock.calls.map(([, listener]) => listener));
    expect(listeners(removed)).toEqual(listeners(added));
    expect(added).toHaveBeenCalled();
  });
});
