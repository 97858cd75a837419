import { afterEach, describe, expect, it, vi } from "vitest";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import {
  ask,
  chat,
  completion,
  delta,
  DONE,
  openFeed,
  openWorld,
  readBody,
  refuse,
  streams,
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
const role = delta("").replace('"delta":{', '"delta":{"role":"assistant",');
const finish = delta("").replace('"content":""', "").replace("}}]", '},"finish_reason":"stop"}]');

const run = (world: World, asked = streamed) => runInference(world.services, ask(world, asked));

/** What a client gets, and from which targets it was tried to be had. */
async function answer(world: World, asked = streamed) {
  const outcome = valueOf(await run(world, asked));
  const read = await readBody(outcome.body);
  await world.settle();
  const tried = world.attempts().map(({ target, error }) => [target.slice(-3), error]);
  return { ...read, settlement: await outcome.body.settlement, tried };
}

/** The first target says one thing, the second answers well. */
function failFirst(world: World, first: World["provider"]) {
  const good = streams(delta("good"), usageEvent, DONE);
  world.provider = (asked) => {
    if (asked.url.startsWith("https://one")) return first(asked);
    return asked.text.includes('"stream":true') ? good(asked) : completion();
  };
}

describe("a stream that fails before it says anything goes to the next target", () => {
  const failing = `data: ${JSON.stringify({ error: { message: "overloaded", code: 503 } })}\n\n`;
  it.each([
    ["after comments", [": PROCESSING\n\n", failing]],
    ["after a role", [role, failing]],
    ["with a choice that failed", [delta("").replace("}}]", '},"finish_reason":"error"}]')]],
    ["by its end", [role]],
    ["by an end that follows nothing", [": ping\n\n"]],
  ])("%s", async (_, parts) => {
    const world = openWorld();
    failFirst(world, streams(...parts));
    const { text, end, tried } = await answer(world);
    expect(text).toContain("good");
    expect(text).not.toContain("PROCESSING");
    expect(end?.ok).toBe(true);
    expect(tried).toEqual([
      ["big", expect.stringMatching(/^upstream_|overloaded/)],
      ["all", null],
    ]);
  });

  it.each([": ping\n\n", role, "data: \n\n"])(
    "by the time that passes while it only sends %j",
    async (alive) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const world = openWorld();
      let hears = true;
      failFirst(world, ({ signal }) => {
        const feed = openFeed(signal);
        void (async () => {
          for (let sent = 0; sent < 20 && hears; sent++) {
            feed.send(alive);
            await turns(2);
            world.clock += 50;
            await vi.advanceTimersByTimeAsync(50);
            hears = !signal.aborted;
          }
        })();
        return feed.response;
      });
      expect((await answer(world)).tried).toEqual([
        ["big", "upstream_timeout"],
        ["all", null],
      ]);
    },
  );
});

describe("an answer of status 200 that says it has failed", () => {
  const failed = (change: object) =>
    Response.json({
      id: "c1",
      object: "chat.completion",
      created: 1,
      model: "big",
      choices: [
        { index: 0, message: { role: "assistant", content: "half" }, finish_reason: "stop", ...change },
      ],
    });

  it.each([
    ["a reason to finish", () => failed({ finish_reason: "error" }), "upstream_invalid_response"],
    ["an error in a choice", () => failed({ error: { code: 502, message: "broken" } }), "upstream_error"],
    [
      "an error beside a null",
      () => Response.json({ choices: null, error: { message: "broken" } }),
      "upstream_error",
    ],
  ])("by %s goes to the next target, and is never kept", async (_, provider, code) => {
    const world = openWorld();
    failFirst(world, provider);
    const { text, tried } = await answer(world, chat({ temperature: 0 }));
    expect(text).toContain('"Hi"');
    expect(tried).toEqual([
      ["big", code],
      ["all", null],
    ]);
    world.provider = provider;
    expect(errorOf(await run(world, chat({ temperature: 0, n: 2 }))).code).toBe("all_targets_failed");
    expect(errorOf(await run(world, chat({ temperature: 0, n: 2 }))).code).toBe("all_targets_failed");
  });
});

describe("an answer in another form than was asked for", () => {
  it("is made a stream where it came whole", async () => {
    const world = openWorld();
    world.provider = () => completion();
    const { text, end, settlement } = await answer(world);
    expect(text).toContain('"content":"Hi"');
    expect(text).toContain('"finish_reason":"stop"');
    expect(text.endsWith(DONE)).toBe(true);
    expect(end).toEqual({ ok: true, value: USAGE });
    expect(settlement).toMatchObject({ usage: USAGE, complete: true });
  });

  it.each([
    ["a stream", [role, delta("Hel"), delta("lo"), finish, usageEvent, DONE]],
    ["a stream that just ends", [": ping\n\n", delta("Hel"), "data: \n\n", delta("lo") + finish, usageEvent]],
  ])("is made whole where it came as %s", async (_, parts) => {
    const world = openWorld();
    world.provider = streams(...parts);
    const { text, end } = await answer(world, chat());
    expect(JSON.parse(text)).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    });
    expect(end).toEqual({ ok: true, value: USAGE });
  });

  const named = (text: string) =>
    new Response(text, { headers: { "content-type": "text/event-stream; charset=utf-8" } });

  it.each([
    ["at once", (text: string) => named(text)],
    ["after a blank line", (text: string) => named(`\n\n${text}\n`)],
    ["after a comment", (text: string) => named(`: ping\n\n${text}`)],
    ["with the end of a stream behind it", (text: string) => named(`${text}\ndata: [DONE]\n`)],
    ["with that as an event", (text: string) => named(`: ping\n\n${text}\n\n${DONE}`)],
  ])("is made a stream where it came whole, under the name of a stream, %s", async (_, wrap) => {
    const world = openWorld();
    world.provider = async () => wrap(await completion().text());
    const { text, end, settlement } = await answer(world);
    expect(text).toContain('"content":"Hi"');
    expect(text.endsWith(DONE)).toBe(true);
    expect(end).toEqual({ ok: true, value: USAGE });
    expect(settlement).toMatchObject({ usage: USAGE, complete: true });
  });

  it("is judged by what it says of its failure, under the name of a stream, too", async () => {
    const world = openWorld({ hideSecrets: (text) => text.replaceAll("sk-one", "[redacted]") });
    const error = { message: "No sk-one here.", code: "invalid_prompt", param: "messages.0" };
    world.provider = () => named(JSON.stringify({ error }));
    expect(errorOf(await run(world))).toMatchObject({
      code: "invalid_request",
      providerCode: "invalid_prompt",
      param: "messages.0",
      message: "No [redacted] here.",
      attempts: 1,
    });
  });

  it("is a failure where the stream that came is broken", async () => {
    const world = openWorld();
    failFirst(world, streams(delta("Hel"), `data: ${JSON.stringify({ error: { message: "boom" } })}\n\n`));
    expect((await answer(world, chat())).tried).toEqual([
      ["big", "upstream_invalid_response"],
      ["all", null],
    ]);
  });

  it.each(["\n[DONE]", "\n\ndata: [DONE]\n\n"])("is read with %j behind it", async (behind) => {
    for (const asked of [chat(), streamed]) {
      const world = openWorld();
      world.provider = async () => new Response((await completion().text()) + behind);
      expect((await answer(world, asked)).text).toContain('"content":"Hi"');
    }
  });

  it("goes to the next target where it is no answer", async () => {
    for (const other of ["<html>", "upstream connect error", '{"error":{"message":"no"}}', "[]", ""]) {
      const world = openWorld();
      failFirst(world, () => new Response(other));
      expect((await answer(world)).text).toContain("good");
    }
  });
});

describe("a stream's usage", () => {
  const refusing: World["provider"] = (asked) =>
    asked.text.includes("stream_options")
      ? refuse(400, "stream_options: Extra inputs are not permitted")
      : streams(delta("a"), finish, DONE)(asked);

  it("is not asked for again where that gets the request refused", async () => {
    const world = openWorld();
    world.provider = refusing;
    const first = await answer(world);
    expect(first.text).toContain('"a"');
    expect(first.tried).toEqual([["big", null]]);
    expect(world.asked.map(({ text }) => text.includes("stream_options"))).toEqual([true, false]);
    await answer(world);
    expect(world.asked.map(({ text }) => text.includes("stream_options"))).toEqual([true, false, false]);
  });

  it("is asked for where a request was refused for something else", async () => {
    const world = openWorld();
    world.provider = () => refuse(400, "messages: too many");
    await run(world);
    await run(world);
    expect(world.asked.every(({ text }) => text.includes("stream_options"))).toBe(true);
    expect(world.asked).toHaveLength(2);
  });

  it("is found in a choice", async () => {
    const world = openWorld();
    const told = { ...USAGE, cached_tokens: 1 };
    world.provider = streams(
      delta("a"),
      finish.replace('"finish_reason":"stop"', `"finish_reason":"stop","usage":${JSON.stringify(told)}`),
      DONE,
    );
    expect((await answer(world)).settlement.usage).toMatchObject({
      ...USAGE,
      prompt_tokens_details: { cached_tokens: 1 },
    });
  });
});

describe("a stream whose chunks lack what stands around their choices", () => {
  it("gets that in every chunk, and keeps what it has", async () => {
    const world = openWorld();
    const bare = (choices: unknown, more: object = {}) =>
      `data: ${JSON.stringify({ id: null, created: null, choices, ...more })}\n\n`;
    world.provider = streams(
      bare([{ index: 0, delta: { role: "assistant", content: "a" } }]),
      bare([{ index: 0, delta: null, finish_reason: "stop" }]),
      bare(null, { usage: USAGE }),
    );
    const { text, end } = await answer(
      world,
      chat({ stream: true, stream_options: { include_usage: true } }),
    );
    const chunks = text
      .trim()
      .split("\n\n")
      .map((event) => event.slice("data: ".length));
    expect(chunks.pop()).toBe("[DONE]");
    for (const chunk of chunks) {
      expect(JSON.parse(chunk)).toMatchObject({
        id: "chatcmpl-0",
        object: "chat.completion.chunk",
        created: 0,
        model: "chat",
        choices: expect.any(Array),
      });
    }
    expect(end).toEqual({ ok: true, value: USAGE });
  });
});

describe("a stream that has begun", () => {
  it("may say nothing for as long as its route says, which is not until when it has to begin", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = openWorld();
    const pass = async (ms: number) => {
      world.clock += ms;
      await vi.advanceTimersByTimeAsync(ms);
      await turns(5);
    };
    const feeds: ReturnType<typeof openFeed>[] = [];
    world.provider = ({ signal }) => {
      const feed = openFeed(signal);
      feeds.push(feed);
      return feed.response;
    };
    const reading = answer(world, chat({ stream: true }, "brief"));
    await turns();
    await pass(250);
    feeds[0]?.send(delta("a"));
    await turns();
    await pass(99);
    expect(world.attempts()).toEqual([]);
    await pass(2);
    expect(await reading).toMatchObject({ end: { ok: false, error: { code: "upstream_timeout" } } });
    expect(feeds).toHaveLength(1);
  });
});
