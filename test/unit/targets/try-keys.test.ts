import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadline } from "../../../worker/domain/requests/deadline.ts";
import { resolveRoute } from "../../../worker/domain/routing/catalog.ts";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import type { Ask, UploadAsk } from "../../../worker/flows/targets/ask.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { createLimiter } from "../../../worker/platform/limiter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import {
  type Asked,
  ask,
  chat,
  completion,
  embed,
  openRequest,
  openWorld,
  readBody,
  streams,
  vectors,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const keyOf = ({ headers }: Asked) => headers["authorization"]?.slice("Bearer ".length) ?? "none";
const used = (world: World) => world.asked.map(keyOf);

type Reply = () => Response;
const refuse =
  (status: number, error: object = { message: "no" }, headers: Record<string, string> = {}): Reply =>
  () =>
    Response.json({ error }, { status, headers });
const limit = (retryAfter?: string) =>
  refuse(429, { message: "slow down" }, retryAfter === undefined ? {} : { "retry-after": retryAfter });
const wrongKey = refuse(401, { message: "Incorrect API key provided: sk-a" });

/** A world whose provider answers each key as told, and all others well. */
function openKeys(replies: Record<string, Reply>, answer: (asked: Asked) => Response = () => completion()) {
  const world = openWorld();
  world.provider = (asked) => (replies[keyOf(asked)] ?? (() => answer(asked)))();
  return world;
}

function attempt(world: World, asked = chat({}, "keyed"), changes: Partial<Ask> = {}) {
  const call = ask(world, asked);
  const [target] = call.route.targets;
  if (!target) throw new Error("the route has no target");
  return attemptTarget(world.services, { route: call.route, target }, { ...call, ...changes });
}

describe("a provider with several keys", () => {
  it.each([
    ["401", wrongKey],
    ["402", refuse(402)],
    ["403", refuse(403)],
    ["429", limit("20")],
    ["429 for a quota that is used up", refuse(429, { code: "insufficient_quota", message: "quota" })],
    ["400 for a wrong key", refuse(400, { message: "API key not valid. Please pass a valid API key." })],
  ])("is asked again at once with the next key after %s, and left alone with that one", async (_, reply) => {
    const world = openKeys({ "sk-a": reply });
    valueOf(await attempt(world));
    valueOf(await attempt(world));
    expect(used(world)).toEqual(["sk-a", "sk-b", "sk-b"]);
  });

  it("is not asked with another key after failures of its own, nor of the client", async () => {
    for (const status of [400, 404, 422, 500, 503, 529]) {
      const world = openKeys({ "sk-a": refuse(status) });
      expect((await attempt(world)).ok).toBe(false);
      expect(used(world)).toEqual(["sk-a"]);
    }
  });

  it("tells each call: facts with the secret's name, the client and jobs without", async () => {
    const world = openKeys({
      "sk-a": () => {
        world.clock += 5;
        return wrongKey();
      },
    });
    const outcome = valueOf(await runInference(world.services, ask(world, chat({}, "keyed"))));
    await world.settle();
    const [first, second] = world.attempts();
    expect(first).toMatchObject({ key: "KEY_A", status: 401, error: "upstream_error", complete: false });
    expect(second).toMatchObject({ key: "KEY_B", status: 200, error: null, startedAt: first?.endedAt });
    const target = "targets[0]=keyed/big";
    expect(outcome.attempts).toMatchObject([
      { target, status: 401, error: "upstream_error" },
      { target, status: 200, error: null },
    ]);
    expect(JSON.stringify(outcome.attempts)).not.toContain("KEY");
  });

  it("fails with all of its keys as one provider, and goes on to the next target", async () => {
    const world = openKeys({ "sk-a": wrongKey, "sk-b": refuse(402), "sk-c": refuse(403) });
    const failed = errorOf(await runInference(world.services, ask(world, chat({}, "keyed"))));
    expect(failed).toMatchObject({ code: "upstream_error", retryable: false, attempts: 3 });
    expect(used(world)).toEqual(["sk-a", "sk-b", "sk-c"]);
    const next = valueOf(await runInference(world.services, ask(world, chat({}, "keyed-first"))));
    expect(next.target).toBe("targets[1]=two/small");
  });

  it("says that it is limited where one of its keys only is, and when that is over", async () => {
    const world = openKeys({ "sk-a": limit("20"), "sk-b": limit("7"), "sk-c": wrongKey });
    expect(await attempt(world)).toMatchObject({
      ok: false,
      error: { tryNext: true, error: { code: "rate_limited", retryAfterMs: 7000 } },
    });
    // Nobody is called before the provider wants to be.
    world.clock += 2000;
    const told = { code: "rate_limited", retryAfterMs: 5000, uncalled: true };
    expect(await attempt(world)).toMatchObject({ ok: false, error: { error: told } });
    expect(world.asked).toHaveLength(3);
    world.clock += 5000;
    expect((await attempt(world)).ok).toBe(false);
    expect(used(world).slice(3)).toEqual(["sk-b"]);
  });

  it("is asked with one key a request where all were refused, and with all again once one is good", async () => {
    const replies: Record<string, Reply> = { "sk-a": wrongKey, "sk-b": wrongKey, "sk-c": wrongKey };
    const world = openKeys(replies);
    await attempt(world);
    for (let request = 0; request < 5; request++) expect((await attempt(world)).ok).toBe(false);
    expect(world.asked).toHaveLength(3 + 5);
    // It was the provider's fault, or somebody has paid.
    for (const key of ["sk-a", "sk-b", "sk-c"]) delete replies[key];
    for (let request = 0; request < 4; request++) valueOf(await attempt(world));
    expect(world.asked).toHaveLength(3 + 5 + 4);
  });

  it("tries a key that was refused again, with one request, after longer and longer rests", async () => {
    const world = openKeys({ "sk-a": wrongKey });
    const calls: number[] = [];
    const start = world.clock;
    for (; world.clock < start + 3_600_000; world.clock += 10_000) {
      const before = used(world).filter((key) => key === "sk-a").length;
      await attempt(world);
      if (used(world).filter((key) => key === "sk-a").length > before) calls.push(world.clock - start);
    }
    expect(calls).toEqual([0, 10, 30, 70, 150, 310, 630, 1270, 2550].map((seconds) => seconds * 1000));
  });

  it("leaves a key alone for one model where it may not use that, and uses it for others", async () => {
    const world = openKeys({ "sk-a": refuse(403, { message: "no access to this model" }) });
    await attempt(world);
    const call = ask(world, chat({}, "keyed"));
    const [target] = call.route.targets;
    if (!target) throw new Error("the route has no target");
    await attemptTarget(world.services, { route: call.route, target: { ...target, model: "other" } }, call);
    expect(used(world)).toEqual(["sk-a", "sk-b", "sk-a", "sk-b"]);
  });

  it("uses one key for prompts that begin alike, another while that is refused, and it again afterwards", async () => {
    const replies: Record<string, Reply> = {};
    const world = openKeys(replies);
    const system = (topic: string) => ({ role: "system", content: `${topic} `.repeat(2000) });
    const say = (topic: string, content: string) =>
      chat(
        { messages: [system(topic), { role: "user", content }, { role: "assistant", content: "Yes?" }] },
        "keyed",
      );
    const topics = Array.from({ length: 12 }, (_, at) => `topic-${at}`);
    const keysOf = async () => {
      world.asked.length = 0;
      for (const topic of topics) valueOf(await attempt(world, say(topic, "Hello")));
      return used(world);
    };
    const first = await keysOf();
    expect(new Set(first)).toEqual(new Set(["sk-a", "sk-b", "sk-c"]));
    expect(await keysOf()).toEqual(first);
    replies["sk-a"] = wrongKey;
    await attempt(world, say(topics[first.indexOf("sk-a")] ?? "", "Hello"));
    const without = await keysOf();
    expect(without).not.toContain("sk-a");
    expect(without.filter((key, at) => key === first[at])).toHaveLength(
      first.filter((key) => key !== "sk-a").length,
    );
    delete replies["sk-a"];
    world.clock += 3_600_000;
    expect(await keysOf()).toEqual(first);
  });

  it("is asked for no more than is left of the request's time, or after its client has left", async () => {
    const late = openKeys({
      "sk-a": () => {
        late.clock += 100;
        return wrongKey();
      },
    });
    expect((await attempt(late, undefined, { deadline: new Deadline(late.clock + 50) })).ok).toBe(false);
    expect(used(late)).toEqual(["sk-a"]);
    const client = new AbortController();
    const left = openKeys({
      "sk-a": () => {
        client.abort();
        return wrongKey();
      },
    });
    await attempt(left, undefined, { signal: client.signal });
    expect(used(left)).toEqual(["sk-a"]);
  });

  it("streams with the next key where the first is refused before, or in place of, the first event", async () => {
    const inside: Reply = () => Response.json({ error: { code: 401, message: "bad key" } });
    for (const reply of [wrongKey, inside]) {
      const answer = streams(
        'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n',
        "data: [DONE]\n\n",
      );
      const world = openWorld();
      world.provider = (asked) => (keyOf(asked) === "sk-a" ? reply() : answer(asked));
      const body = valueOf(await attempt(world, chat({ stream: true }, "keyed")));
      expect((await readBody(body)).text).toContain("Hi");
      expect(used(world)).toEqual(["sk-a", "sk-b"]);
    }
  });

  it("makes only the refused one of several calls again", async () => {
    const google = createGoogle(() => 0);
    const world = openWorld();
    let calls = 0;
    world.provider = ({ text }) => {
      if (++calls === 2) return limit("20")();
      const { requests } = JSON.parse(text) as { requests: readonly unknown[] };
      return Response.json({ embeddings: requests.map(() => ({ values: [1] })) });
    };
    const call = ask(
      world,
      embed(
        Array.from({ length: 150 }, (_, at) => `text ${at}`),
        "keyed-embed",
      ),
    );
    const [target] = call.route.targets;
    if (!target) throw new Error("the route has no target");
    const to = { route: call.route, target: { ...target, adapter: google } };
    valueOf(await attemptTarget(world.services, to, call));
    expect(world.asked.map(({ headers }) => headers["x-goog-api-key"])).toEqual(["sk-a", "sk-a", "sk-b"]);
  });

  it("gets an upload once, and the next one with the next key", async () => {
    const world = openKeys({ "sk-a": wrongKey }, ({ text }) => Response.json({ text }));
    const route = valueOf(resolveRoute(world.release.catalog, "keyed/big", "transcriptions"));
    const [target] = route.targets;
    if (!target) throw new Error("the route has no target");
    const upload: UploadAsk = {
      ...openRequest(world),
      upload: "transcriptions",
      contentType: "multipart/form-data; boundary=x",
      openBody: () => () => new Response("the form").body as ReadableStream<Uint8Array>,
    };
    const send = () => attemptTarget(world.services, { route, target }, upload);
    expect((await send()).ok).toBe(false);
    valueOf(await send());
    expect(used(world)).toEqual(["sk-a", "sk-b"]);
  });

  it("is well while one of its keys is, and its jobs are not held up", async () => {
    const world = openKeys({ "sk-a": limit(), "sk-b": limit() }, (asked) => vectors(asked));
    const inTurn = createLimiter(5);
    for (let job = 0; job < 20; job++)
      valueOf(await attempt(world, embed("hello", "keyed-embed"), { inTurn }));
    expect(world.services.health.find({ provider: "keyed", model: "big" }, world.clock)).toBeUndefined();
  });
});

describe("whatever keys are answered", () => {
  it("each is tried once a request at most, the last is the good one where there is an answer, and all end well", async () => {
    const reply = fc.constantFrom<readonly [string, Reply | undefined]>(
      ["good", undefined],
      ["401", wrongKey],
      ["403", refuse(403)],
      ["429", limit()],
      ["429 told", limit("3")],
    );
    const step = fc.record({ waitMs: fc.nat(20_000), replies: fc.tuple(reply, reply, reply) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const replies: Record<string, Reply> = {};
        const world = openKeys(replies);
        for (const { waitMs, replies: drawn } of steps) {
          world.clock += waitMs;
          ["sk-a", "sk-b", "sk-c"].forEach((key, at) => {
            const now = drawn[at]?.[1];
            if (now) replies[key] = now;
            else delete replies[key];
          });
          world.asked.length = 0;
          const result = await attempt(world);
          expect(new Set(used(world)).size).toBe(used(world).length);
          if (result.ok) expect(replies[used(world).at(-1) ?? ""]).toBeUndefined();
          else expect(["upstream_error", "rate_limited"]).toContain(result.error.error.code);
        }
        // All is well again, and every rest is over.
        for (const key of Object.keys(replies)) delete replies[key];
        world.clock += 3_600_000;
        world.asked.length = 0;
        expect((await attempt(world)).ok).toBe(true);
        expect(world.asked).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});
