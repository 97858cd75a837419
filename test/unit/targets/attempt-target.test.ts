import { afterEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "../../../worker/domain/requests/deadline.ts";
import type { AnswerBody } from "../../../worker/domain/answers/answer-body.ts";
import { resolveRoute } from "../../../worker/domain/routing/catalog.ts";
import type { Ask, UploadAsk } from "../../../worker/flows/targets/ask.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { createLimiter } from "../../../worker/platform/limiter.ts";
import {
  ask,
  chat,
  completion,
  COST,
  delta,
  DONE,
  embed,
  openFeed,
  openRequest,
  openWorld,
  refuse,
  streams,
  T,
  turns,
  USAGE,
  usageEvent,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

afterEach(() => {
  vi.useRealTimers();
});

const streamed = chat({ stream: true });

/** One attempt of the first target of what is asked for. */
function attempt(world: World, asked: ReturnType<typeof ask>, changes: Partial<Ask> = {}) {
  const [target] = asked.route.targets;
  if (!target) throw new Error("the route has no target");
  return attemptTarget(world.services, { route: asked.route, target }, { ...asked, ...changes });
}

/** Reads an answer that comes in parts to its end. */
async function readAll(body: AnswerBody) {
  if (body.form === "json") throw new Error("a whole answer");
  if (body.form === "raw") return new Response(body.stream).text().catch(() => "broken");
  for (;;) {
    const step = await body.pieces.next();
    if (step.done) return step.value;
  }
}

const told = { kind: "attempt", tenant: "acme", keyId: "0123456789abcdef", sharedBy: 1, startedAt: T };

describe("an attempt that nobody waits for", () => {
  /** Attempts as the queue's consumer makes them, all begun at once. */
  const attemptQueued = (world: World, count: number, changes: Partial<Ask> = {}) => {
    const inTurn = createLimiter(5);
    return Promise.all(
      Array.from({ length: count }, () => attempt(world, ask(world, chat()), { inTurn, ...changes })),
    );
  };
  const down = () => {
    const world = openWorld();
    world.provider = () => refuse(503);
    return world;
  };
  const uncalled = { ok: false, error: { tryNext: true, error: { code: "overloaded", uncalled: true } } };

  it("is not made once the target has failed often: of many at once only those whose turn it is call", async () => {
    const world = down();
    const attempts = await attemptQueued(world, 40);
    expect(world.asked).toHaveLength(5);
    expect(attempts.filter((each) => !each.ok && each.error.error.uncalled === true)).toHaveLength(35);
    expect(attempts.at(-1)).toMatchObject(uncalled);
    expect(world.attempts()).toHaveLength(5);
  });

  it("is made again, by one of them, when the pause is over; its success lets all call", async () => {
    const world = down();
    await attemptQueued(world, 5);
    world.clock += 1000;
    expect((await attemptQueued(world, 10)).filter((each) => !each.ok)).toHaveLength(10);
    expect(world.asked).toHaveLength(6);
    world.clock += 2000;
    world.provider = () => completion();
    expect((await attemptQueued(world, 1))[0]).toMatchObject({ ok: true });
    expect((await attemptQueued(world, 10)).every((each) => each.ok)).toBe(true);
  });

  it("is made all the same where it is its last chance", async () => {
    const world = down();
    await attemptQueued(world, 5);
    await attemptQueued(world, 3, { deadline: new Deadline(world.clock + 30_000) });
    expect(world.asked).toHaveLength(8);
  });

  it("is made where others fail by their own fault", async () => {
    const world = openWorld();
    world.provider = () => refuse(400);
    await attemptQueued(world, 40);
    expect(world.asked).toHaveLength(40);
  });
});

describe("an attempt that somebody waits for", () => {
  const fail = async (world: World, times: number, asked = chat()) => {
    for (let n = 0; n < times; n++) await attempt(world, ask(world, asked));
  };
  const refuseFor = (status: number, seconds: number) =>
    Response.json({}, { status, headers: { "retry-after": String(seconds) } });

  it("is not made once the target has failed often; one is after a second, whose success lets all call", async () => {
    const world = openWorld();
    world.provider = () => refuse(503);
    await fail(world, 10);
    expect(world.asked).toHaveLength(5);
    expect(errorOf(await attempt(world, ask(world, chat()))).error).toMatchObject({
      code: "overloaded",
      retryAfterMs: 1000,
      uncalled: true,
    });
    expect(world.attempts()).toHaveLength(5);
    world.clock += 1000;
    world.provider = async () => {
      await turns();
      return completion();
    };
    const together = await Promise.all([1, 2, 3].map(() => attempt(world, ask(world, chat()))));
    expect(together.filter((each) => each.ok)).toHaveLength(1);
    await fail(world, 3);
    expect(world.asked).toHaveLength(9);
  });

  it("is not made before the provider's Retry-After, but for one a second", async () => {
    const world = openWorld();
    world.provider = () => refuseFor(429, 20);
    await fail(world, 3);
    expect(world.asked).toHaveLength(1);
    expect(errorOf(await attempt(world, ask(world, chat()))).error).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 20_000,
    });
    world.clock += 1000;
    await fail(world, 3);
    expect(world.asked).toHaveLength(2);
    world.clock += 20_000;
    world.provider = () => completion();
    await Promise.all([1, 2, 3].map(() => attempt(world, ask(world, chat()))));
    expect(world.asked).toHaveLength(5);
  });

  it("is made however often it has failed, where its provider's breaker is off", async () => {
    const world = openWorld();
    world.provider = () => refuseFor(503, 20);
    const asked = ask(world, chat());
    const targets = asked.route.targets.map((target) => ({ ...target, breaker: false }));
    for (let n = 0; n < 10; n++) await attempt(world, { ...asked, route: { ...asked.route, targets } });
    expect(world.asked).toHaveLength(10);
    await attempt(world, asked);
    expect(world.asked).toHaveLength(11);
  });

  it("counts as failed where its stream breaks off, however often one began well", async () => {
    const world = openWorld();
    world.provider = streams(delta("a") + delta("b"), delta("c"));
    for (let n = 0; n < 5; n++) {
      await readAll(valueOf(await attempt(world, ask(world, streamed))));
      await world.settle();
    }
    expect(errorOf(await attempt(world, ask(world, streamed))).error).toMatchObject({ uncalled: true });
  });

  it("lets others call as soon as its own stream has begun", async () => {
    const world = openWorld();
    world.provider = () => refuse(503);
    await fail(world, 5);
    world.clock += 1000;
    const feeds: ReturnType<typeof openFeed>[] = [];
    world.provider = ({ signal }) => {
      const feed = openFeed(signal);
      feeds.push(feed);
      return feed.response;
    };
    const first = attempt(world, ask(world, streamed));
    await turns();
    expect((await attempt(world, ask(world, streamed))).ok).toBe(false);
    feeds[0]?.send(delta("a") + delta("b"));
    expect((await first).ok).toBe(true);
    void attempt(world, ask(world, streamed));
    await turns();
    expect(feeds).toHaveLength(2);
  });

  it("lets another be made at once where it was the only one, and its client left", async () => {
    const world = openWorld();
    world.provider = () => refuse(503);
    await fail(world, 5);
    world.clock += 1000;
    world.provider = ({ signal }) => openFeed(signal).response;
    const client = new AbortController();
    const first = attempt(world, ask(world, chat(), { signal: client.signal }));
    await turns();
    expect((await attempt(world, ask(world, chat()))).ok).toBe(false);
    client.abort();
    expect(errorOf(await first).error.code).toBe("client_closed");
    world.provider = () => completion();
    expect((await attempt(world, ask(world, chat()))).ok).toBe(true);
  });

  it("tells how long its answer took to begin, or to be whole; what was waited for in vain took longer", async () => {
    const world = openWorld();
    const [target] = ask(world, chat()).route.targets;
    if (!target) throw new Error("no target");
    const read = (form: "stream" | "whole") => world.services.health.latency(target, form, world.clock);
    world.provider = (asked) => {
      world.clock += 250;
      return asked.text.includes('"stream":true')
        ? streams(delta("a") + delta("b"), usageEvent, DONE)(asked)
        : completion();
    };
    await fail(world, 1);
    const body = valueOf(await attempt(world, ask(world, streamed)));
    world.clock += 9000;
    await readAll(body);
    world.clock -= 9000;
    expect([read("whole")?.ewmaMs, read("stream")?.ewmaMs]).toEqual([expect.closeTo(250, -1), 250]);
    world.provider = () => refuse(400);
    await fail(world, 3);
    expect(read("whole")?.samples).toBe(1);
    world.provider = ({ signal }) => {
      world.clock += 7000;
      return openFeed(signal, "application/json").response;
    };
    const client = new AbortController();
    const left = attempt(world, ask(world, chat(), { signal: client.signal }));
    await turns();
    client.abort();
    await left;
    expect(read("whole")?.ewmaMs).toBe(7000);
  });
});

describe("an attempt tells one fact", () => {
  it("of a whole answer, with what it used and cost", async () => {
    const world = openWorld();
    world.provider = () => {
      world.clock += 40;
      return completion();
    };
    const asked = ask(world, chat());
    const { settlement } = valueOf(await attempt(world, asked));
    expect(settlement).toMatchObject({ usage: USAGE, costUsd: COST, estimated: false, complete: true });
    expect(world.facts).toEqual([
      {
        ...told,
        request: asked.requestId,
        task: "chat",
        route: "chat",
        target: "targets[0]=one/big",
        endedAt: T + 40,
        status: 200,
        error: null,
        reason: undefined,
        quote: undefined,
        usage: USAGE,
        costUsd: COST,
        complete: true,
      },
    ]);
  });

  it("of an answer whose provider does not count, by an estimate that is marked", async () => {
    const world = openWorld();
    world.provider = () => completion(null);
    await attempt(world, ask(world, chat()));
    expect(world.attempts()).toMatchObject([{ usage: { estimated: true }, complete: true }]);
    expect(world.attempts()[0]?.costUsd).toBeGreaterThan(0);
  });

  it("of a refusal by the provider's code, and in its words only where the route has them logged", async () => {
    const world = openWorld();
    world.provider = () =>
      Response.json({ error: { message: "no: 'my diagnosis'", code: "bad_role" } }, { status: 400 });
    const asked = ask(world, chat());
    const failed = await attempt(world, asked);
    await attempt(world, { ...asked, route: { ...asked.route, quoteProviderErrors: true } });
    expect(world.facts).toMatchObject([
      { reason: "status 400 (bad_role)", quote: undefined },
      { reason: "status 400 (bad_role)", quote: "no: 'my diagnosis'" },
    ]);
    // The client, whose prompt it is, reads them in any case.
    expect(errorOf(failed).error.message).toBe("no: 'my diagnosis'");
  });

  it("of a refusal without any secret in it, nor a part of one where the words are cut", async () => {
    const hideSecrets = (text: string) => text.replaceAll("sk-of-another-target", "[redacted]");
    const world = openWorld({ hideSecrets });
    const route = { quoteProviderErrors: true };
    for (const status of [400, 401, 500]) {
      world.provider = () => refuse(status, `no sk-of-another-target ${"x".repeat(980)}sk-of-another-target`);
      const asked = ask(world, chat());
      const failed = errorOf(await attempt(world, { ...asked, route: { ...asked.route, ...route } }));
      expect(JSON.stringify(failed)).toContain("no [redacted]");
      expect(failed.error.quote).toHaveLength(1000);
    }
    expect(JSON.stringify(world.facts)).toContain("[redacted]");
    expect(JSON.stringify(world.facts)).not.toContain("sk-of");
  });

  it.each([
    [
      "a refusal",
      () => refuse(503, "down"),
      { status: 503, error: "upstream_error", reason: "status 503", quote: undefined },
    ],
    ["the client's own fault", () => refuse(400, "bad"), { status: 400, error: "invalid_request" }],
    ["nonsense", () => new Response("<html>"), { status: null, error: "upstream_invalid_response" }],
    [
      "a broken connection",
      () => Promise.reject(new Error("reset")),
      { status: null, error: "upstream_error", reason: "reset" },
    ],
  ])("of %s, which is not known to have cost anything", async (_, provider, expected) => {
    const world = openWorld();
    world.provider = provider;
    const { ok } = await attempt(world, ask(world, chat()));
    expect(ok).toBe(false);
    const nothing = { usage: null, costUsd: undefined, complete: false };
    expect(world.facts).toMatchObject([{ ...told, ...nothing, ...expected }]);
  });

  it("of a task that the target does not offer", async () => {
    const world = openWorld();
    await attempt(world, ask(world, embed("hello", "local")), { task: "chat" });
    expect(world.facts).toMatchObject([{ ...told, status: null, error: "not_configured" }]);
    expect(world.asked).toEqual([]);
  });

  it("of an answer that was computed here, which costs nothing", async () => {
    const world = openWorld();
    await attempt(world, ask(world, embed("hello", "local")));
    expect(world.facts).toMatchObject([{ ...told, route: "local", costUsd: 0, complete: true, status: 200 }]);
    expect(world.asked).toEqual([]);
  });
});

describe("an attempt that streams tells its fact when nothing more will come", () => {
  const isTold = (world: World) => world.attempts().length > 0;

  it("at the end, with what the provider said", async () => {
    const world = openWorld();
    world.provider = streams(delta("a") + delta("b"), usageEvent, DONE);
    const body = valueOf(await attempt(world, ask(world, streamed)));
    expect(isTold(world)).toBe(false);
    world.clock += 70;
    await readAll(body);
    await world.settle();
    expect(world.facts).toMatchObject([
      { ...told, endedAt: T + 70, status: 200, error: null, usage: USAGE, costUsd: COST, complete: true },
    ]);
    expect(await body.settlement).toMatchObject({ usage: USAGE, costUsd: COST, complete: true });
  });

  it("when it breaks, with an estimate of what came and the reason", async () => {
    const world = openWorld();
    world.provider = streams(delta("a") + delta("b"), delta("c"));
    const body = valueOf(await attempt(world, ask(world, streamed)));
    expect(await readAll(body)).toMatchObject({ ok: false });
    await world.settle();
    expect(world.facts).toMatchObject([
      {
        status: 200,
        error: "upstream_invalid_response",
        reason: "the stream ended before its last event",
        usage: { completion_tokens: 3, estimated: true },
        complete: false,
      },
    ]);
  });

  it("when it is left by its reader, which is nobody's failure; the call is given up", async () => {
    const world = openWorld();
    let given: AbortSignal | undefined;
    world.provider = ({ signal }) => {
      given = signal;
      const feed = openFeed(signal);
      feed.send(delta("a") + delta("b"));
      return feed.response;
    };
    const body = valueOf(await attempt(world, ask(world, streamed)));
    if (body.form !== "events") throw new Error("not a stream");
    await body.pieces.next();
    await body.pieces.return({ ok: false, error: { code: "client_closed" } });
    await world.settle();
    expect(given?.aborted).toBe(true);
    expect(world.facts).toMatchObject([
      { status: 200, error: null, usage: { completion_tokens: 2, estimated: true }, complete: false },
    ]);
  });

  it("when its client leaves while the provider is silent", async () => {
    const world = openWorld();
    const client = new AbortController();
    world.provider = ({ signal }) => {
      const feed = openFeed(signal);
      feed.send(delta("a"));
      return feed.response;
    };
    const body = valueOf(await attempt(world, ask(world, streamed, { signal: client.signal })));
    const reading = readAll(body);
    await turns();
    client.abort();
    expect(await reading).toMatchObject({ ok: false, error: { code: "client_closed" } });
    await world.settle();
    expect(world.facts).toMatchObject([{ error: "client_closed", complete: false }]);
  });

  it("once, as a failure, where it fails before its first event", async () => {
    const world = openWorld();
    world.provider = streams('data: {"error":{"message":"boom"}}\n\n');
    expect(await attempt(world, ask(world, streamed))).toMatchObject({ ok: false, error: { tryNext: true } });
    await world.settle();
    expect(world.facts).toMatchObject([{ error: "upstream_error", reason: "status 500", usage: null }]);
  });

  it("once, as a failure, where the provider is silent from the start", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = openWorld();
    world.provider = ({ signal }) => openFeed(signal).response;
    const attempted = attempt(world, ask(world, streamed));
    await turns();
    world.clock += 301;
    await vi.advanceTimersByTimeAsync(301);
    expect(await attempted).toMatchObject({ ok: false, error: { error: { code: "upstream_timeout" } } });
    expect(world.facts).toMatchObject([{ status: null, error: "upstream_timeout" }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an attempt whose bytes pass by unread tells its fact", () => {
  const speech = ["speech", { model: "speak", input: "Good morning", voice: "any" }] as const;

  it("at the end, with an estimate", async () => {
    const world = openWorld();
    world.provider = () => new Response("sound", { headers: { "content-type": "audio/mpeg" } });
    const body = valueOf(await attempt(world, ask(world, speech)));
    expect(world.facts).toEqual([]);
    expect(await readAll(body)).toBe("sound");
    await world.settle();
    expect(world.facts).toMatchObject([
      { task: "speech", status: 200, error: null, usage: { estimated: true }, complete: true },
    ]);
  });

  it("with the provider's failure, where it breaks them off", async () => {
    const world = openWorld();
    world.provider = ({ signal }) => {
      const feed = openFeed(signal, "audio/mpeg");
      feed.send("so");
      setImmediate(() => feed.break());
      return feed.response;
    };
    const body = valueOf(await attempt(world, ask(world, speech)));
    expect(await readAll(body)).toBe("broken");
    await world.settle();
    expect(world.facts).toMatchObject([
      { status: 200, error: "upstream_error", reason: "the connection was lost", complete: false },
    ]);
  });

  it("as nobody's failure, where their reader leaves", async () => {
    const world = openWorld();
    let given: AbortSignal | undefined;
    world.provider = ({ signal }) => {
      given = signal;
      const feed = openFeed(signal, "audio/mpeg");
      feed.send("so");
      return feed.response;
    };
    const body = valueOf(await attempt(world, ask(world, speech)));
    if (body.form !== "raw") throw new Error("not bytes");
    await body.stream.cancel();
    await world.settle();
    expect(given?.aborted).toBe(true);
    expect(world.facts).toMatchObject([{ status: 200, error: null, complete: false }]);
  });

  it("of an upload, whose use nobody knows", async () => {
    const world = openWorld();
    world.provider = ({ text }) => Response.json({ text });
    const { route } = { route: valueOf(resolveRoute(world.release.catalog, "hear", "transcriptions")) };
    const [target] = route.targets;
    if (!target) throw new Error("the route has no target");
    const upload: UploadAsk = {
      ...openRequest(world),
      upload: "translations",
      contentType: "multipart/form-data; boundary=x",
      openBody: (model) => () => new Response(`the form for ${model}`).body as ReadableStream<Uint8Array>,
    };
    const body = valueOf(await attemptTarget(world.services, { route, target }, upload));
    expect(await readAll(body)).toBe('{"text":"the form for big"}');
    await world.settle();
    const unknown = { usage: null, costUsd: undefined };
    expect(world.facts).toMatchObject([{ ...told, ...unknown, task: "translations", complete: true }]);
    expect(world.asked).toMatchObject([
      { url: "https://one.example/v1/audio/translations", headers: { "content-type": upload.contentType } },
    ]);
  });
});

describe("an attempt's request", () => {
  it("continues the client's trace, and bears the key under which it may be made again", async () => {
    const world = openWorld();
    world.provider = () => completion();
    await attempt(world, ask(world, chat(), { traceparent: "00-aa-bb-01" }), { idempotencyKey: "job-1" });
    await attempt(world, ask(world, chat()));
    expect(world.asked[0]?.headers).toMatchObject({
      traceparent: "00-aa-bb-01",
      "idempotency-key": "job-1",
      authorization: "Bearer sk-one",
    });
    expect(Object.keys(world.asked[1]?.headers ?? {})).not.toContain("idempotency-key");
    expect(Object.keys(world.asked[1]?.headers ?? {})).not.toContain("traceparent");
  });

  it("waits for its turn, and gives it up when its answer has begun", async () => {
    const world = openWorld();
    const first = Promise.withResolvers<Response>();
    world.provider = () => (world.asked.length === 1 ? first.promise : completion());
    const inTurn = createLimiter(1);
    const attempts = [
      attempt(world, ask(world, chat()), { inTurn }),
      attempt(world, ask(world, chat()), { inTurn }),
    ];
    await turns();
    expect(world.asked).toHaveLength(1);
    first.resolve(completion());
    expect((await Promise.all(attempts)).map(({ ok }) => ok)).toEqual([true, true]);
    expect(world.attempts()).toHaveLength(2);
  });

  it("says for how many it is made, and for nobody's account where several share it", async () => {
    const world = openWorld();
    world.provider = () => completion();
    await attempt(world, ask(world, chat()), { caller: undefined as never, sharedBy: 32 });
    expect(world.facts).toMatchObject([{ tenant: undefined, keyId: undefined, sharedBy: 32 }]);
  });

  it("leaves no listener at its client's signal, however it ends", async () => {
    const world = openWorld();
    const { signal } = new AbortController();
    const heard = {
      add: vi.spyOn(signal, "addEventListener"),
      remove: vi.spyOn(signal, "removeEventListener"),
    };
    for (const provider of [
      () => completion(),
      () => refuse(500),
      () => Promise.reject(new Error("reset")),
      () => new Response("<html>"),
    ]) {
      world.provider = provider;
      await attempt(world, ask(world, chat(), { signal }));
    }
    for (const parts of [[delta("a"), DONE], [delta("a")], []]) {
      world.provider = streams(...parts);
      const streaming = await attempt(world, ask(world, streamed, { signal }));
      if (streaming.ok) await readAll(streaming.value);
    }
    await world.settle();
    expect(heard.add).toHaveBeenCalledTimes(7);
    expect(heard.remove.mock.calls.length).toBeGreaterThanOrEqual(7);
    expect(new Set(heard.remove.mock.calls.map(([, listener]) => listener))).toEqual(
      new Set(heard.add.mock.calls.map(([, listener]) => listener)),
    );
  });
});
