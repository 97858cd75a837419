import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import type { Ask } from "../../../worker/flows/targets/ask.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { createLimiter } from "../../../worker/platform/limiter.ts";
import {
  type Asked,
  ask,
  chat,
  completion,
  delta,
  DONE,
  embed,
  openFeed,
  openWorld,
  type Provider,
  readBody,
  refuse,
  streams,
  T,
  turns,
  until,
  vectors,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const TARGET = "one/big";
const RULE = { max: 2, waitMs: 1000 };
const isIdle = ({ services }: World) => services.slots.of(TARGET, RULE).isIdle;

/** A world whose time passes. */
function openMovingWorld(): World {
  const world = openWorld();
  const begun = performance.now();
  return Object.defineProperty(world, "clock", { get: () => T + performance.now() - begun });
}

/** A provider whose calls answer when the test says so. */
function openGate(world: World) {
  const held: (() => void)[] = [];
  world.provider = async ({ text, url }: Asked) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return url.endsWith("/embeddings") ? vectors({ text } as Asked) : completion();
  };
  return { held, release: () => held.splice(0).forEach((go) => go()) };
}

function attempt(world: World, asked = chat({}, "narrow"), changes: Partial<Ask> = {}) {
  const call = ask(world, asked);
  const [target] = call.route.targets;
  if (!target) throw new Error("the route has no target");
  return attemptTarget(world.services, { route: call.route, target }, { ...call, ...changes });
}

describe("a target that takes two calls at once", () => {
  it("gets two, and the others when those have answered", async () => {
    const world = openMovingWorld();
    const { release } = openGate(world);
    const all = [attempt(world), attempt(world), attempt(world)];
    await turns();
    expect(world.asked).toHaveLength(2);
    release();
    await until(() => world.asked.length === 3);
    release();
    for (const each of await Promise.all(all)) expect(each.ok).toBe(true);
    expect(isIdle(world)).toBe(true);
  });

  it("is passed over for the next one where there is no turn in time; what was not called is not told", async () => {
    const world = openMovingWorld();
    const gate = openGate(world);
    const first = [attempt(world), attempt(world)];
    await turns();
    const third = runInference(world.services, ask(world, chat({}, "narrow-first")));
    await until(() => world.asked.length === 3);
    gate.release();
    const outcome = valueOf(await third);
    expect(outcome).toMatchObject({ target: "targets[1]=two/small", attempts: [{ status: 200 }] });
    await Promise.all(first);
  });

  it("says when to come back where there is no other", async () => {
    const world = openMovingWorld();
    const gate = openGate(world);
    const first = [attempt(world), attempt(world)];
    await turns();
    const failed = errorOf(await runInference(world.services, ask(world, chat({}, "narrow"))));
    expect(failed).toMatchObject({ code: "overloaded", retryAfterMs: 1000, uncalled: true, attempts: 0 });
    gate.release();
    await Promise.all(first);
    expect(world.attempts()).toHaveLength(2);
  });

  it("gives a job back to its queue, which does not block those for other targets", async () => {
    const world = openMovingWorld();
    const gate = openGate(world);
    const first = [attempt(world), attempt(world)];
    await turns();
    const inTurn = createLimiter(5);
    const jobs = [1, 2, 3].map(() => attempt(world, embed("hello", "narrow-embed"), { inTurn }));
    for (const job of jobs) {
      const { error } = errorOf(await job);
      expect(error).toMatchObject({ code: "overloaded", uncalled: true });
      expect(error.retryAfterMs).toBeGreaterThan(1000);
    }
    expect(world.services.health.waitMs({ provider: "one", model: "big" }, world.clock)).toBeUndefined();
    gate.release();
    await Promise.all(first);
  });

  it("holds a place for a stream to its end, and for one that its reader leaves until then", async () => {
    const world = openMovingWorld();
    world.provider = ({ signal }) => {
      const feed = openFeed(signal);
      feed.send(delta("Hi"));
      return feed.response;
    };
    const body = valueOf(await attempt(world, chat({ stream: true }, "narrow")));
    expect(isIdle(world)).toBe(false);
    if (body.form !== "events") throw new Error("not a stream");
    await body.pieces.next();
    await body.pieces.return({ ok: false, error: { code: "client_closed" } });
    await until(() => isIdle(world));
  });

  it("costs nothing where no limit is set", async () => {
    const world = openMovingWorld();
    world.provider = () => completion();
    world.services.slots.of = () => {
      throw new Error("asked for a slot");
    };
    expect((await attempt(world, chat())).ok).toBe(true);
  });
});

/** What may happen to a call, and what its reader does. */
const FAULTS: Readonly<Record<string, Provider>> = {
  answers: () => completion(),
  "is refused": () => refuse(400),
  "is limited": () => refuse(429),
  fails: () => refuse(500),
  breaks: () => Promise.reject(new Error("connection lost")),
  "is no JSON": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  streams: streams(delta("Hi"), DONE),
  "streams without an end": streams(delta("Hi")),
  "streams nothing": streams(),
  "streams an error": streams('data: {"error":{"message":"no"}}\n\n'),
  "is silent": ({ signal }) => openFeed(signal).response,
  "falls silent": ({ signal }) => {
    const feed = openFeed(signal);
    feed.send(delta("Hi"));
    return feed.response;
  },
  "breaks off": ({ signal }) => {
    const feed = openFeed(signal);
    feed.send(delta("Hi"));
    setTimeout(() => feed.break(), 5);
    return feed.response;
  },
};

describe("whatever becomes of calls", () => {
  const drawn = fc.record({
    fault: fc.constantFrom(...Object.keys(FAULTS)),
    stream: fc.boolean(),
    reader: fc.constantFrom("reads", "leaves at once", "leaves soon", "stops reading"),
    bug: fc.boolean(),
  });

  it("no slot is lost", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: 12 }), async (calls) => {
        const world = openMovingWorld();
        const { services } = world;
        let next = 0;
        world.provider = (asked) => {
          if (asked.signal.aborted) throw new Error("the call was aborted");
          const drawnCall = calls[next++ % calls.length];
          return (drawnCall && FAULTS[drawnCall.fault]?.(asked)) ?? completion();
        };
        const make = async ({ stream, reader, bug }: (typeof calls)[number]) => {
          const client = new AbortController();
          const call = { ...ask(world, chat({ stream }, "narrow")), signal: client.signal };
          const [target] = call.route.targets;
          if (!target) throw new Error("the route has no target");
          if (reader === "leaves at once") client.abort();
          if (reader === "leaves soon") setTimeout(() => client.abort(), 3);
          const throwing = {
            ...services,
            callProvider: bug ? () => Promise.reject(new Error("a bug")) : services.callProvider,
          };
          const made = await attemptTarget(throwing, { route: call.route, target }, call).catch(
            () => undefined,
          );
          if (!made?.ok || made.value.form === "json") return;
          if (reader === "reads" || made.value.form !== "events") await readBody(made.value);
          else await made.value.pieces.return({ ok: false, error: { code: "client_closed" } });
        };
        await Promise.all(calls.map(make));
        await until(() => isIdle(world));
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
