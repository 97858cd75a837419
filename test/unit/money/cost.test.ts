import { describe, expect, it } from "vitest";
import type { Usage } from "../../../worker/contract/responses.ts";
import { computeCost } from "../../../worker/domain/money/cost.ts";
import type { Priced } from "../../../worker/domain/money/priced.ts";

const OPENAI_URL = "https://api.openai.com/v1";

function target(model: string, change: Partial<Priced> = {}): Priced {
  const connection = { baseUrl: OPENAI_URL, apiKey: undefined, headers: {} };
  return {
    model,
    price: undefined,
    runsIn: "provider",
    connection,
    ...change,
  };
}
const at = (baseUrl: string) => ({ connection: { baseUrl, apiKey: undefined, headers: {} } });

const million: Usage = { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 };
const cached = (tokens: unknown): Usage => ({
  prompt_tokens: 1_000_000,
  completion_tokens: 0,
  prompt_tokens_details: { cached_tokens: tokens },
});

describe("computeCost at the config's price", () => {
  const price = { inputPerMillion: 10, outputPerMillion: 30 };

  it("multiplies tokens by it", () => {
    expect(computeCost({ prompt_tokens: 200, completion_tokens: 50 }, target("own", { price }))).toBeCloseTo(
      0.0035,
      12,
    );
  });

  it("comes before the list's", () => {
    expect(computeCost(million, target("gpt-4o-mini", { price }))).toBe(40);
  });

  it("takes output for free where only the input has a price", () => {
    expect(computeCost(million, target("own", { price: { inputPerMillion: 10 } }))).toBe(10);
  });

  it("counts what the provider left out, or said null to, as nothing", () => {
    expect(computeCost({ prompt_tokens: 1_000_000 }, target("own", { price }))).toBe(10);
    expect(computeCost({ completion_tokens: null, prompt_tokens: null }, target("own", { price }))).toBe(0);
  });
});

describe("computeCost at the list's price", () => {
  it("knows OpenAI's models by the provider's URL", () => {
    expect(computeCost(million, target("gpt-4o-mini"))).toBeCloseTo(0.75, 10);
    expect(computeCost({ prompt_tokens: 100 }, target("text-embedding-3-small"))).toBeCloseTo(0.000002, 12);
  });

  it("takes less for cached input, and more the less of it was cached", () => {
    const full = computeCost(cached(0), target("gpt-4o-mini")) ?? NaN;
    const half = computeCost(cached(500_000), target("gpt-4o-mini")) ?? NaN;
    const all = computeCost(cached(1_000_000), target("gpt-4o-mini")) ?? NaN;
    expect(full).toBeGreaterThan(half);
    expect(half).toBeGreaterThan(all);
    expect(all).toBeGreaterThan(0);
  });

  it("takes no more for cached than there was input, and no less than none", () => {
    const model = target("gpt-4o-mini");
    expect(computeCost(cached(2_000_000), model)).toBe(computeCost(cached(1_000_000), model));
    expect(computeCost(cached(-5), model)).toBe(computeCost(cached(0), model));
  });

  it.each([undefined, null, "many", {}])("takes cached_tokens of %j for none", (tokens) => {
    expect(computeCost(cached(tokens), target("gpt-4o-mini"))).toBeCloseTo(0.15, 10);
  });

  it.each([null, "x", 5])("takes prompt_tokens_details of %j for none", (details) => {
    const usage = { prompt_tokens: 1_000_000, prompt_tokens_details: details };
    expect(computeCost(usage, target("gpt-4o-mini"))).toBeCloseTo(0.15, 10);
  });

  it.each([
    ["a model it does not know", target("my-own-model")],
    ["a server of one's own", target("llama3.2", at("http://localhost:11434/v1"))],
    ["a model of OpenAI's name on another server", target("gpt-4o-mini", at("http://10.0.0.5:8000/v1"))],
  ])("is unknown for %s", (_, unknown) => {
    expect(computeCost(million, unknown)).toBeUndefined();
  });
});

const M = 1_000_000;
const ANTHROPIC = at("https://api.anthropic.com/v1");
const GOOGLE = at("https://generativelanguage.googleapis.com/v1beta");

/** A usage with these details of its input and its output. */
const detailed = (prompt: object, completion: object = {}, tokens = [M, 0]): Usage => ({
  prompt_tokens: tokens[0],
  completion_tokens: tokens[1],
  prompt_tokens_details: prompt,
  completion_tokens_details: completion,
});

describe("computeCost by the kinds of tokens that the list has prices for", () => {
  const opus = target("claude-opus-4-1", ANTHROPIC);
  const audio = target("gpt-audio");
  const flash = target("gemini-2.5-flash", GOOGLE);

  it.each([
    // Opus 4.1, a million: input $15, read $1.50, written for five minutes $18.75, for an hour $30.
    ["writes for five minutes", opus, detailed({ cache_write_tokens: M }), 18.75],
    ["writes for an hour", opus, detailed({ cache_write_tokens: M, cache_write_1h_tokens: M }), 30],
    [
      "writes of both kinds, a read and the rest",
      opus,
      detailed({ cached_tokens: 100_000, cache_write_tokens: 500_000, cache_write_1h_tokens: 200_000 }),
      0.15 + 0.3 * 18.75 + 0.2 * 30 + 0.4 * 15,
    ],
    [
      "more for an hour than was written",
      opus,
      detailed({ cache_write_tokens: M / 2, cache_write_1h_tokens: M }),
      15 + 7.5,
    ],
    ["an hour, of nothing written", opus, detailed({ cache_write_1h_tokens: M }), 15],
    // gpt-audio: text $2.50 in and $10 out, audio $32 in and $64 out.
    ["audio that is heard", audio, detailed({ audio_tokens: 500_000 }), 1.25 + 16],
    ["audio that is said", audio, detailed({}, { audio_tokens: 250_000 }, [0, M]), 7.5 + 16],
    ["more audio than input", audio, detailed({ audio_tokens: 2 * M }), 32],
    // gpt-4o has no price for audio in the list, which then costs what its text does: $2.50.
    ["audio without a price", target("gpt-4o"), detailed({ audio_tokens: M }), 2.5],
    // Gemini 2.5 Flash: $0.30 in, audio $1; from the cache $0.03, audio $0.10.
    [
      "audio, and a cache of text",
      flash,
      detailed({ audio_tokens: 500_000, cached_tokens: 500_000 }),
      0.5 + 0.015,
    ],
    [
      "audio, half of it from the cache",
      flash,
      detailed({
        audio_tokens: 500_000,
        cached_tokens: 500_000,
        cached_tokens_details: { audio_tokens: 250_000 },
      }),
      0.25 * 1 + 0.25 * 0.1 + 0.25 * 0.03 + 0.25 * 0.3,
    ],
    [
      "nothing but audio, with a cache that does not tell of what",
      flash,
      detailed({ audio_tokens: M, cached_tokens: M / 2 }),
      0.5 + 0.05,
    ],
    // Its sibling that draws: $2.50 a million of text, $30 of pictures.
    [
      "pictures",
      target("gemini-2.5-flash-image", GOOGLE),
      detailed({}, { image_tokens: M / 2 }, [0, M]),
      1.25 + 15,
    ],
  ] as const)("charges %s", (_, charged, usage, expected) => {
    expect(computeCost(usage, charged)).toBeCloseTo(expected, 9);
  });

  it("charges a small answer to the micro-dollar", () => {
    // 2095 of input: 12 plain at $15, 2048 written for an hour at $30, 35 read at $1.50; 503 of output at $75.
    const usage = detailed(
      { cached_tokens: 35, cache_write_tokens: 2048, cache_write_1h_tokens: 2048 },
      {},
      [2095, 503],
    );
    expect(Math.round((computeCost(usage, opus) ?? 0) * 1e7)).toBe(
      180 * 10 + 61_440 * 10 + 525 + 37_725 * 10,
    );
  });
});

describe("computeCost", () => {
  it("is nothing for what runs inside the Worker, with or without usage", () => {
    expect(computeCost(million, target("words-en", { runsIn: "worker" }))).toBe(0);
    expect(computeCost(null, target("words-en", { runsIn: "worker" }))).toBe(0);
  });

  it("is unknown, not nothing, where the provider did not say what was used", () => {
    expect(computeCost(null, target("gpt-4o-mini"))).toBeUndefined();
    expect(computeCost(null, target("own", { price: { inputPerMillion: 1 } }))).toBeUndefined();
  });
});
