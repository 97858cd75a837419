import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversation, countFirst, healthOf, orderOf, rolls, targetOf } from "./targets.ts";

const [a, b, c] = [targetOf("a"), targetOf("b"), targetOf("c")];
const many = rolls(4000);
const share = (counts: Readonly<Record<string, number>>, name: string) => (counts[name] ?? 0) / many.length;

describe("every strategy", () => {
  const strategy = fc.constantFrom("fallback", "weighted", "fastest", "cheapest");
  const names = ["a", "b", "c", "d"];
  const some = fc.subarray(names);

  it("plans each target that is well once, and tells of each other", () => {
    fc.assert(
      fc.property(strategy, some, fc.double({ min: 0.001, max: 1, noNaN: true }), (kind, gone, roll) => {
        const health = healthOf({ times: { a: 300, b: 200, c: 100 } });
        const targets = names.map((name, at) => targetOf(name, { weight: at, drained: gone.includes(name) }));
        const order = orderOf(targets, { route: { strategy: kind }, roll, health });
        expect(order.toSorted()).toEqual(names.filter((name) => !gone.includes(name)));
      }),
    );
  });

  it("gives the same plan for the same request, clock, health and roll", () => {
    fc.assert(
      fc.property(
        strategy,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.string(),
        (kind, roll, content) => {
          const asked = { route: { strategy: kind }, roll, body: { messages: [{ role: "user", content }] } };
          expect(orderOf([a, b, c], asked)).toEqual(orderOf([a, b, c], asked));
        },
      ),
    );
  });
});

describe("weighted", () => {
  const weighted = { route: { strategy: "weighted" } } as const;
  const heavy = [targetOf("a", { weight: 7 }), targetOf("b", { weight: 2 }), targetOf("c", { weight: 1 })];

  it("has each target first as often as its weight says", () => {
    const counts = countFirst(many.map((roll) => orderOf(heavy, { ...weighted, roll })));
    expect(share(counts, "a")).toBeCloseTo(0.7, 1);
    expect(share(counts, "b")).toBeCloseTo(0.2, 1);
    expect(share(counts, "c")).toBeCloseTo(0.1, 1);
  });

  it("shares out what a failing target leaves by the weights of the others", () => {
    const [, ...others] = heavy;
    const targets = [targetOf("a", { weight: 7, drained: true }), ...others];
    const counts = countFirst(many.map((roll) => orderOf(targets, { ...weighted, roll })));
    expect(share(counts, "b")).toBeCloseTo(2 / 3, 1);
  });

  it("keeps one without weight for when the others fail", () => {
    const targets = [targetOf("a", { weight: 0 }), b, c];
    for (const roll of rolls(100)) expect(orderOf(targets, { ...weighted, roll }).at(-1)).toBe("a");
    const gone = ["b", "c"].map((name) => targetOf(name, { drained: true }));
    expect(orderOf([targetOf("a", { weight: 0 }), ...gone], weighted)).toEqual(["a"]);
  });
});

describe("fastest", () => {
  const fastest = { route: { strategy: "fastest" } } as const;
  const first = (times: Record<string, number>, targets = [a, b]) =>
    countFirst(many.map((roll) => orderOf(targets, { ...fastest, roll, health: healthOf({ times }) })));

  it("calls the faster of two, and now and then the other to hear how it is", () => {
    const counts = first({ a: 900, b: 300 });
    expect(share(counts, "b")).toBeGreaterThan(0.98);
    const others = first({ a: 300, b: 900 });
    expect(share(others, "b")).toBeGreaterThan(0.003);
    expect(share(others, "b")).toBeLessThan(0.02);
  });

  it("does not leave the first one for a few milliseconds", () => {
    expect(share(first({ a: 300, b: 285 }), "b")).toBeLessThan(0.02);
    expect(share(first({ a: 300, b: 260 }), "b")).toBeGreaterThan(0.98);
  });

  it("finds out about one of which nothing is known, without sending it all", () => {
    expect(share(first({ a: 300 }), "b")).toBeCloseTo(0.1, 1);
    expect(share(first({ b: 300 }), "a")).toBe(1);
    expect(share(first({}), "a")).toBe(1);
  });

  it("never begins with the slowest of three, but to hear how it is, and does not send all to one", () => {
    const counts = first({ a: 900, b: 300, c: 600 }, [a, b, c]);
    expect(share(counts, "a")).toBeLessThan(0.02);
    expect(share(counts, "b")).toBeCloseTo(2 / 3, 1);
    expect(share(counts, "c")).toBeCloseTo(1 / 3, 1);
  });

  it("tries the others by their times where the first one fails", () => {
    const health = healthOf({ times: { a: 900, b: 300, c: 600 } });
    for (const roll of rolls(100)) {
      const [, ...others] = orderOf([a, b, c], { ...fastest, roll, health });
      expect(others).toEqual(["b", "c", "a"].filter((name) => others.includes(name)));
    }
  });

  it("looks at the times of streams for streams, and of whole answers for whole answers", () => {
    const health = {
      ...healthOf(),
      latency: ({ model }: { readonly model: string }, form: "stream" | "whole") => {
        const ewmaMs = (model === "a") === (form === "stream") ? 100 : 900;
        return { ewmaMs, p95Ms: ewmaMs, samples: 9 };
      },
    };
    expect(orderOf([a, b], { ...fastest, health, streamed: true })[0]).toBe("a");
    expect(orderOf([a, b], { ...fastest, health, streamed: false })[0]).toBe("b");
  });
});

describe("cheapest", () => {
  const cheapest = { route: { strategy: "cheapest" } } as const;
  const price = (
    inputPerMillion: number,
    outputPerMillion: number,
    cachedInputPerMillion = inputPerMillion,
  ) => ({
    price: { inputPerMillion, outputPerMillion, cachedInputPerMillion },
  });

  it("begins with what the request costs least at: long prompts and long answers differ", () => {
    const targets = [targetOf("a", price(1, 100)), targetOf("b", price(10, 10))];
    const long = { messages: [{ role: "user", content: "word ".repeat(40_000) }] };
    expect(orderOf(targets, { ...cheapest, body: long })).toEqual(["a", "b"]);
    expect(orderOf(targets, { ...cheapest, body: { messages: [] } })).toEqual(["b", "a"]);
    expect(orderOf(targets, { ...cheapest, body: { messages: [], max_tokens: 0 } })).toEqual(["a", "b"]);
  });

  it("has those of unknown price last, and those of the same price as the config has them", () => {
    const targets = [targetOf("nobody-knows"), targetOf("b", price(5, 5)), targetOf("c", price(5, 5))];
    expect(orderOf(targets, cheapest)).toEqual(["b", "c", "nobody-knows"]);
  });

  it("reads the public list of prices, its steps for long prompts too", () => {
    const google = {
      connection: { baseUrl: "https://generativelanguage.googleapis.com", apiKey: undefined, headers: {} },
    };
    const targets = [targetOf("gemini-2.5-pro", google), targetOf("b", price(2, 10))];
    const of = (words: number) => ({ messages: [{ role: "user", content: "four ".repeat(words) }] });
    expect(orderOf([targetOf("gpt-4o"), targetOf("gpt-4o-mini")], cheapest)).toEqual([
      "gpt-4o-mini",
      "gpt-4o",
    ]);
    expect(orderOf(targets, { ...cheapest, body: of(100_000) })[0]).toBe("gemini-2.5-pro");
    expect(orderOf(targets, { ...cheapest, body: of(200_000) })[0]).toBe("b");
  });

  it("costs nothing in the Worker", () => {
    const here = targetOf("here", { runsIn: "worker" });
    expect(orderOf([targetOf("b", price(1, 1)), here], cheapest)[0]).toBe("here");
  });

  it("stays where a conversation is in the prompt cache, as long as that is cheaper there", () => {
    // Cheaper at first for its answers, dearer for what a growing conversation reads.
    const home = targetOf("home", price(10, 1, 1));
    const other = targetOf("other", price(8, 30, 8));
    const [began, grown] = [conversation("bees", 0), conversation("bees", 2000)];
    expect(orderOf([other, home], { ...cheapest, body: began })[0]).toBe("home");
    expect(orderOf([other, home], { ...cheapest, body: grown })[0]).toBe("home");
    const uncached = targetOf("home", price(10, 1));
    expect(orderOf([other, uncached], { ...cheapest, body: grown })[0]).toBe("other");
  });

  it("leaves it for one that is cheaper by more than the route allows", () => {
    const home = targetOf("home", price(10, 1));
    const other = targetOf("other", price(9, 30));
    const grown = { ...cheapest, body: conversation("bees", 2000) };
    const first = (maxDearer: number) =>
      orderOf([other, home], { ...grown, route: { ...cheapest.route, promptCache: { maxDearer } } })[0];
    expect([first(0.01), first(0.5)]).toEqual(["other", "home"]);
  });
});
