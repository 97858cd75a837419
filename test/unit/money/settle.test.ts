import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownCost, settle, settleFree } from "../../../worker/domain/money/settle.ts";
import type { Priced } from "../../../worker/domain/money/priced.ts";
import { splitUsage } from "../../../worker/domain/windows/split-usage.ts";

const target = (change: Partial<Priced> = {}): Priced => ({
  model: "gpt-4o",
  price: { inputPerMillion: 10, outputPerMillion: 30 },
  runsIn: "provider",
  connection: { baseUrl: "https://api.openai.com/v1" },
  ...change,
});

const body = { messages: [{ role: "user", content: "Hello there" }] };
const told = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
const whole = { told, answerTokens: 9, complete: true, target: target(), body };

describe("settling an answer", () => {
  it("takes the provider's own count before any estimate", () => {
    const settlement = settle(whole);
    expect(settlement).toEqual({
      usage: told,
      estimated: false,
      costUsd: 0.013,
      complete: true,
      broken: undefined,
    });
    expect(knownCost(settlement)).toBe(0.013);
  });

  it("estimates where the provider says nothing, marks it, and tells no client what that would cost", () => {
    const settlement = settle({ ...whole, told: null });
    expect(settlement).toMatchObject({ estimated: true, usage: { completion_tokens: 9, estimated: true } });
    expect(settlement.costUsd).toBeGreaterThan(0);
    expect(knownCost(settlement)).toBeUndefined();
  });

  it("has what broke paid for all the same, and says why it broke", () => {
    const broken = { code: "upstream_error", reason: "reset" } as const;
    const settlement = settle({ ...whole, told: null, complete: false, broken });
    expect(settlement).toMatchObject({ complete: false, broken, usage: { completion_tokens: 9 } });
    expect(settlement.costUsd).toBeGreaterThan(0);
  });

  it("makes nothing up of a request that nobody has read", () => {
    const settlement = settle({ ...whole, told: null, body: undefined });
    expect(settlement).toMatchObject({ usage: null, estimated: true, costUsd: undefined });
  });

  it("costs nothing where it was computed here, or paid for by another", () => {
    expect(settle({ ...whole, target: target({ runsIn: "worker" }) }).costUsd).toBe(0);
    expect(knownCost(settle({ ...whole, told: null, target: target({ runsIn: "worker" }) }))).toBeUndefined();
    expect(settleFree(told, true)).toEqual({ usage: told, estimated: false, costUsd: 0, complete: true });
    expect(knownCost(settleFree(null, false))).toBe(0);
  });

  it("never throws, and costs a number or nobody knows what, whatever a provider counts", () => {
    const count = fc.oneof(
      fc.nat(),
      fc.double({ min: 0, noNaN: true }),
      fc.constantFrom(null, undefined, Infinity, Number.MAX_VALUE),
    );
    const detail = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(null, "many", {}, [1]));
    const names = [
      "cached_tokens",
      "cache_write_tokens",
      "cache_write_1h_tokens",
      "audio_tokens",
      "image_tokens",
    ];
    const details = fc.dictionary(fc.constantFrom(...names), detail);
    const usage = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: fc.oneof(details, fc.constantFrom(null, "none", 3)),
      completion_tokens_details: fc.oneof(details, fc.constantFrom(null, "none", 3)),
    });
    const priced = fc.constantFrom(
      target(),
      target({ price: undefined }),
      target({ price: undefined, model: "nobody-knows" }),
      target({
        price: undefined,
        model: "claude-opus-4-1",
        connection: { baseUrl: "https://api.anthropic.com/v1" },
      }),
      target({ price: undefined, model: "gpt-realtime" }),
      target({ runsIn: "worker" }),
    );
    const law = fc.property(fc.option(usage), priced, fc.boolean(), (counted, at, complete) => {
      const { costUsd } = settle({ told: counted, answerTokens: 1, complete, target: at, body });
      if (costUsd !== undefined) expect(costUsd).toBeGreaterThanOrEqual(0);
      if (costUsd !== undefined) expect(Number.isFinite(costUsd)).toBe(true);
    });
    fc.assert(law, { numRuns: 2000 });
  });

  it("costs in parts what it costs as a whole", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 });
    const law = fc.property(weights, fc.nat(1_000_000), (shares, tokens) => {
      const usage = { prompt_tokens: tokens, total_tokens: tokens };
      const parts = splitUsage(usage, shares).map((part) => settle({ ...whole, told: part }));
      const sum = parts.reduce((all, { costUsd = NaN }) => all + costUsd, 0);
      expect(sum).toBeCloseTo(settle({ ...whole, told: usage }).costUsd ?? NaN, 9);
    });
    fc.assert(law);
  });
});
