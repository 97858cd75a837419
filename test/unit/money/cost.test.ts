import { describe, expect, it } from "vitest";
import type { Usage } from "../../../worker/contract/responses.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";
import { computeCost } from "../../../worker/domain/money/cost.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";

const openai = createOpenai({});

const OPENAI_URL = "https://api.openai.com/v1";

function target(model: string, change: Partial<Target> = {}): Target {
  const connection = { baseUrl: OPENAI_URL, apiKey: undefined, headers: {} };
  const label = `targets[0]=openai/${model}`;
  return {
    label,
    provider: "openai",
    model,
    price: undefined,
    adapter: openai,
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
