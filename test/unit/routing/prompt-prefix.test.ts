import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPrefix } from "../../../worker/domain/routing/prompt-prefix.ts";
import { conversation, countFirst, healthOf, orderOf, rolls, targetOf } from "./targets.ts";

const system = "You are a careful assistant. ".repeat(200);
const hashOf = (body: object) => readPrefix(body as Record<string, unknown>).hash;
const subjects = Array.from({ length: 300 }, (_, at) => `subject ${at}`);

describe("the prefix of a prompt", () => {
  it("is the same for all turns of a conversation, and another for another one", () => {
    const turns = [0, 1, 2, 50].map((count) => hashOf(conversation("bees", count)));
    // The first turn's message is what the later ones begin with.
    expect(new Set(turns.slice(1)).size).toBe(1);
    expect(hashOf(conversation("ants", 3))).not.toBe(turns[1]);
  });

  it("does not change with where the client marks what is to be cached, nor with how it writes a text", () => {
    const marked = { cache_control: { type: "ephemeral", ttl: "1h" } };
    const first = { system, messages: [{ role: "user", content: "Hello" }] };
    const parts = { role: "user", content: [{ type: "text", text: "Hello", ...marked }] };
    const later = [parts, { role: "assistant", content: "Hi" }, { role: "user", content: "Go on" }];
    const form = { system: [{ type: "text", text: system, ...marked }], messages: later };
    expect(hashOf(form)).toBe(hashOf(first));
  });

  it("depends on the system's words, the tools and the first message, and on nothing behind it", () => {
    const base = { system, tools: [{ name: "a" }], messages: [{ role: "user", content: "Hello" }] };
    const hash = hashOf(base);
    expect(hashOf({ ...base, temperature: 1, user: "u" })).toBe(hash);
    for (const change of [
      { system: `${system}!` },
      { tools: [{ name: "b" }] },
      { messages: [{ role: "user", content: "Hullo" }] },
    ])
      expect(hashOf({ ...base, ...change })).not.toBe(hash);
  });

  it("reads the forms of all APIs", () => {
    const counted = [
      { instructions: system, input: "Hello" },
      { instructions: system, input: [{ role: "user", content: [{ type: "input_text", text: "Hello" }] }] },
      { system, messages: [{ role: "user", content: "Hello" }] },
      { prompt: `${system}Hello` },
    ].map((body) => readPrefix(body).promptTokens);
    for (const tokens of counted) expect(tokens).toBe(Math.ceil((system.length + 5) / 4));
    expect(readPrefix({ input: ["a", "b"] }).hash).not.toBe(readPrefix({ input: ["a", "c"] }).hash);
  });

  it("reads anything, and a picture as a file", () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 6 }), (body) => {
        const { tokens, promptTokens, sentTokens } = readPrefix(body);
        expect(tokens).toBeLessThanOrEqual(promptTokens);
        expect(sentTokens).toBeLessThanOrEqual(promptTokens);
      }),
    );
    const picture = `data:image/png;base64,${"iVBORw0K".repeat(1_000_000)}`;
    expect(readPrefix({ messages: [{ role: "user", content: [{ image_url: picture }] }] }).tokens).toBe(1500);
    let deep: unknown = "end";
    for (let depth = 0; depth < 10_000; depth++) deep = [deep];
    expect(readPrefix({ messages: [{ role: "user", content: deep }] }).tokens).toBe(0);
  });
});

describe("prompts that a provider may have in its cache", () => {
  const twins = [targetOf("a"), targetOf("b", { weight: 3 }), targetOf("c")];
  const weighted = { route: { strategy: "weighted" } } as const;
  const first = (about: string, turns: number, more: object = {}) =>
    orderOf(twins, { ...weighted, body: conversation(about, turns), ...more })[0];

  it("go where those went that begin alike, whichever isolate asks and whatever its dice say", () => {
    for (const about of subjects.slice(0, 30)) {
      const home = first(about, 1);
      for (const roll of rolls(5)) expect(first(about, 9, { roll })).toBe(home);
    }
  });

  it("are shared out over conversations by the weights all the same", () => {
    const counts = countFirst(subjects.map((about) => [first(about, 1) ?? ""]));
    expect((counts["b"] ?? 0) / subjects.length).toBeCloseTo(0.6, 1);
  });

  it("go elsewhere while their target fails, come back to it, and move no others", () => {
    const health = healthOf({ waits: { b: 5000 } });
    for (const about of subjects.slice(0, 60)) {
      const [home, refuge] = [first(about, 1), first(about, 1, { health })];
      if (home === "b") expect(refuge).not.toBe("b");
      else expect(refuge).toBe(home);
    }
  });

  it("are not moved where another target comes, but those that go to it", () => {
    const more = [...twins, targetOf("new")];
    for (const about of subjects.slice(0, 60)) {
      const after = orderOf(more, { ...weighted, body: conversation(about, 1) })[0];
      if (after !== "new") expect(after).toBe(first(about, 1));
    }
  });

  it("may go anywhere where they are too short for any provider, or the route says so", () => {
    const body = { messages: [{ role: "user", content: "Hello" }] };
    const short = rolls(50).map((roll) => orderOf(twins, { ...weighted, body, roll })[0]);
    expect(new Set(short).size).toBe(3);
    const route = { strategy: "weighted", promptCache: false } as const;
    const off = rolls(50).map((roll) => orderOf(twins, { route, roll, body: conversation("bees", 1) })[0]);
    expect(new Set(off).size).toBe(3);
  });

  it("stay with the fastest strategy until another is much faster", () => {
    const fastest = (times: Record<string, number>, roll = 0.5) =>
      orderOf(twins.slice(0, 2), {
        route: { strategy: "fastest" },
        body: conversation("bees", 4),
        health: healthOf({ times }),
        roll,
      })[0];
    const home = fastest({ a: 100, b: 100 }) ?? "";
    const other = home === "a" ? "b" : "a";
    for (const roll of rolls(200)) expect(fastest({ [home]: 100, [other]: 80 }, roll)).toBe(home);
    expect(fastest({ [home]: 100, [other]: 50 })).toBe(other);
  });

  it("are found again where an answer may be kept, however short they are", () => {
    const body = { input: "a text" };
    const kept = rolls(20).map((roll) => orderOf(twins, { ...weighted, body, roll, keeps: true })[0]);
    expect(new Set(kept).size).toBe(1);
  });
});
