import { describe, expect, it, vi } from "vitest";
import type { InferenceCall, KnownKey } from "../../../worker/flows/call.ts";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import {
  ask,
  chat,
  completion,
  delta,
  DONE,
  embed,
  openWorld,
  readBody,
  refuse,
  streams,
  turns,
  USAGE,
  usageEvent,
  vectors,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const cached = chat({ temperature: 0 });

async function answer(world: World, call: InferenceCall) {
  const outcome = valueOf(await runInference(world.services, call));
  const read = await readBody(outcome.body);
  await world.settle();
  return { outcome, ...read };
}

describe("a request whose answer may be kept", () => {
  it("is answered from memory without waiting, under a key that is known", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const keys: KnownKey[] = [];
    await answer(world, ask(world, cached));
    await answer(world, { ...ask(world, cached), onMemoryHit: (key) => keys.push(key) });
    expect(keys).toHaveLength(1);
    const find = vi.spyOn(world.services.cache, "find");
    const digest = vi.spyOn(crypto.subtle, "digest");
    const { outcome } = await answer(world, { ...ask(world, cached), knownKey: keys[0] });
    expect(outcome.cache).toMatchObject({ kind: "hit", tier: "memory" });
    expect([find, digest].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
    digest.mockRestore();
  });

  it("is answered by what a target said before that is paused now", async () => {
    const world = openWorld();
    world.provider = () => completion();
    await answer(world, ask(world, cached));
    world.provider = ({ url }) => (url.startsWith("https://one") ? refuse(503) : completion());
    for (let n = 0; n < 5; n++) await answer(world, ask(world, chat()));
    const calls = world.asked.length;
    expect((await answer(world, ask(world, cached))).outcome).toMatchObject({
      target: "targets[0]=one/big",
      cache: { kind: "hit" },
    });
    expect(world.asked).toHaveLength(calls);
    const { outcome } = await answer(world, ask(world, chat({ temperature: 0, seed: 7 })));
    expect(outcome).toMatchObject({ target: "targets[1]=two/small", cache: { kind: "forward" } });
    expect(outcome.attempts).toHaveLength(1);
    expect((await answer(world, ask(world, chat({ temperature: 0, seed: 7 })))).outcome.cache.kind).toBe(
      "hit",
    );
  });

  it("is looked up under its key where memory has it no more", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const { outcome } = await answer(world, {
      ...ask(world, cached),
      knownKey: { key: "forgotten", target: "targets[0]=one/big" },
    });
    expect(outcome.cache).toMatchObject({ kind: "forward", why: "miss", stored: true });
    const again = await answer(world, {
      ...ask(world, cached),
      knownKey: { key: "forgotten", target: "targets[0]=one/big" },
    });
    expect(again.outcome.cache).toMatchObject({ kind: "hit" });
  });

  it("is kept under the key of the target that answered, never under another's", async () => {
    const world = openWorld();
    world.provider = ({ url }) => (url.startsWith("https://one") ? refuse(503) : completion());
    await answer(world, ask(world, cached));
    const again = await answer(world, ask(world, cached));
    expect(again.outcome.cache).toMatchObject({ kind: "forward", why: "miss" });
    expect(again.outcome.target).toBe("targets[1]=two/small");
  });

  it("is replayed to the byte, with its usage event apart, and told complete", async () => {
    const world = openWorld();
    const parts = [delta("a"), delta("b"), usageEvent, DONE];
    world.provider = streams(...parts);
    const asked = chat({ temperature: 0, stream: true });
    await answer(world, ask(world, asked));
    const { outcome, text } = await answer(world, ask(world, asked));
    expect(outcome.cache.kind).toBe("hit");
    expect(text).toBe(parts.join(""));
    const { body } = valueOf(await runInference(world.services, ask(world, asked)));
    if (body.form !== "events") throw new Error("not a stream");
    const hidden: boolean[] = [];
    for (let step = await body.pieces.next(); step.done !== true; step = await body.pieces.next()) {
      hidden.push(step.value.usageOnly);
    }
    expect(hidden).toEqual([false, true, false]);
  });

  it("is not called stored while its stream still arrives, for it may break", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), DONE);
    const { outcome } = await answer(world, ask(world, chat({ temperature: 0, stream: true })));
    expect(outcome.cache).toMatchObject({ why: "miss", stored: false });
  });

  it.each([
    ["a whole one", {}, () => Response.json({ choices: [], usage: USAGE })],
    ["a stream", { stream: true }, streams('data: {"ping":1}\n\n', DONE)],
  ])("is got from the next target where the first says nothing, as %s", async (_, asked, nothing) => {
    const world = openWorld();
    const good = "stream" in asked ? streams(delta("a"), DONE) : () => completion();
    world.provider = (each) => (each.url.startsWith("https://one") ? nothing(each) : good(each));
    const { outcome } = await answer(world, ask(world, chat({ temperature: 0, ...asked })));
    expect(outcome.target).toBe("targets[1]=two/small");
    expect(outcome.attempts).toMatchObject([{ error: "upstream_invalid_response" }, { error: null }]);
  });

  it("is not kept where there is none, nor a part of one", async () => {
    const world = openWorld();
    world.provider = (each) => vectors({ ...each, text: '{"input":["a"]}' });
    for (let times = 0; times < 2; times++) {
      const outcome = await runInference(world.services, ask(world, embed(["a", "b"], "embed")));
      const codes = errorOf(outcome).tries?.map(({ error }) => error);
      expect(codes).toEqual(["upstream_invalid_response", "upstream_invalid_response"]);
      await world.settle();
    }
    expect(world.asked).toHaveLength(4);
  });

  it("is a picture, or the next target's", async () => {
    const world = openWorld();
    const picture = { data: [{ url: "https://pictures.example/1" }] };
    world.provider = ({ url }) => Response.json(url.startsWith("https://one") ? { data: [] } : picture);
    const { outcome, text } = await answer(world, ask(world, ["images", { model: "draw", prompt: "a cat" }]));
    expect(outcome.target).toBe("targets[1]=two/small");
    expect(JSON.parse(text)).toEqual(picture);
    const large = { data: [{ b64_json: "A".repeat(100_000) }] };
    world.provider = () => Response.json(large);
    const again = await answer(world, ask(world, ["images", { model: "draw", prompt: "a dog" }]));
    expect(again.outcome.target).toBe("targets[0]=one/big");
    expect(JSON.parse(again.text)).toEqual(large);
  });

  it("is not kept where its stream was cut", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"));
    const asked = chat({ temperature: 0, stream: true });
    await answer(world, ask(world, asked));
    await answer(world, ask(world, asked));
    expect(world.asked).toHaveLength(2);
  });

  it("is answered anew on no-cache, and by nobody on only-if-cached", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const only = ask(world, cached, { cacheControl: "only-if-cached" });
    expect(errorOf(await runInference(world.services, only)).code).toBe("only_if_cached");
    await answer(world, ask(world, cached));
    const anew = await answer(world, ask(world, cached, { cacheControl: "no-cache" }));
    expect(anew.outcome.cache).toMatchObject({ kind: "forward", why: "request" });
    expect(world.asked).toHaveLength(2);
    expect((await answer(world, only)).outcome.cache.kind).toBe("hit");
  });

  it("shares no flight where it is computed here, and is kept all the same", async () => {
    const world = openWorld();
    const opened = vi.spyOn(world.services.flights, "open");
    await answer(world, ask(world, embed("hello", "local")));
    const { outcome } = await answer(world, ask(world, embed("hello", "local")));
    expect(outcome.cache.kind).toBe("hit");
    expect(opened).not.toHaveBeenCalled();
  });

  it("fails as the gateway's own failure, for all who share it, where something throws", async () => {
    const world = openWorld({ callProvider: () => Promise.reject(new Error("a bug")) });
    const calls = [1, 2].map(() => ({
      ...ask(world, cached),
      knownKey: { key: "known", target: "targets[0]=one/big" },
    }));
    const outcomes = await Promise.all(calls.map((call) => runInference(world.services, call)));
    expect(outcomes.map((outcome) => errorOf(outcome).code)).toEqual(["internal_error", "internal_error"]);
    await world.settle();
    expect(world.logged).toEqual(["flight_failed"]);
  });
});

describe("a request whose answer may not be kept", () => {
  it("has a call of its own, whoever asks the same at once", async () => {
    const world = openWorld();
    world.provider = vectors;
    await Promise.all([answer(world, ask(world, embed())), answer(world, ask(world, embed()))]);
    expect(world.asked).toHaveLength(2);
    const stored = ask(world, cached, { cacheControl: "no-store" });
    world.provider = () => completion();
    expect((await answer(world, stored)).outcome.cache).toMatchObject({ why: "bypass", stored: false });
  });

  it("may be piped where nothing is hidden, and never where it is shared or kept", async () => {
    const world = openWorld();
    world.provider = streams(delta("a"), delta("b"), DONE);
    const mayPipe = async (call: InferenceCall) => {
      const { body } = valueOf(await runInference(world.services, { ...call, mayPipe: true }));
      if (body.form !== "events") throw new Error("not a stream");
      const isPiped = body.pieces.pipeTo !== undefined;
      await body.pieces.return({ ok: false, error: { code: "client_closed" } });
      await turns();
      return isPiped;
    };
    const showing = { stream: true, stream_options: { include_usage: true } };
    const readOne = async () => {
      const { body } = valueOf(await runInference(world.services, ask(world, chat(showing))));
      await readBody(body);
      await world.settle();
    };
    // A target is read until it has shown that nothing of its streams has to be changed.
    expect(await mayPipe(ask(world, chat(showing)))).toBe(false);
    await readOne();
    expect(await mayPipe(ask(world, chat({ stream: true })))).toBe(false);
    expect(await mayPipe(ask(world, chat(showing)))).toBe(true);
    expect(await mayPipe(ask(world, chat({ stream: true }, "shown")))).toBe(true);
    expect(await mayPipe(ask(world, chat({ ...showing, temperature: 0 }, "shown")))).toBe(false);
    expect(await mayPipe(ask(world, chat(showing, "watched")))).toBe(false);
    world.provider = streams(delta("a"), "data: \n\n", DONE);
    await readOne();
    expect(await mayPipe(ask(world, chat(showing)))).toBe(false);
    world.provider = streams(delta("a"), DONE);
    await readOne();
    expect(await mayPipe(ask(world, chat(showing)))).toBe(true);
    world.provider = streams(delta("a"), 'data: {"error":{"message":"broken"}}\n\n');
    await readOne();
    expect(await mayPipe(ask(world, chat(showing)))).toBe(false);
  });
});
