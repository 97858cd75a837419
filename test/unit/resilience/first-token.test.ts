import { describe, expect, it } from "vitest";
import { findFirstTokenMs } from "../../../worker/domain/resilience/first-token.ts";

const MINUTE = { timeoutMs: 60_000 };
const ask = (model: string, body = {}, characters = 0) =>
  findFirstTokenMs(MINUTE, { model, body, characters });

describe("how long a first token may take", () => {
  it("is ten seconds where the route says nothing", () => {
    expect(ask("llama3.2")).toBe(10_000);
  });

  it("is what the route says, whoever thinks", () => {
    const prompted = { model: "o3", body: { reasoning_effort: "high" }, characters: 1_000_000 };
    expect(findFirstTokenMs({ ...MINUTE, firstTokenMs: 3000 }, prompted)).toBe(3000);
  });

  it("is never more than the route's timeout", () => {
    const prompted = { model: "llama3.2", body: {}, characters: 0 };
    expect(findFirstTokenMs({ timeoutMs: 300 }, prompted)).toBeUndefined();
    expect(findFirstTokenMs({ timeoutMs: 300, firstTokenMs: 500 }, prompted)).toBeUndefined();
  });

  it("grows with the prompt: a hundred thousand tokens take 24 s more", () => {
    expect(ask("llama3.2", {}, 400_000)).toBe(34_000);
  });

  it.each([
    { reasoning_effort: "low" },
    { reasoning: { effort: "medium", summary: "auto" } },
    { reasoning: { enabled: true } },
    { thinking: { type: "enabled", budget_tokens: 2048 } },
    { thinking: { type: "adaptive" } },
    { enable_thinking: true },
  ])("is all of the timeout where the request asks the model to think: %j", (body) => {
    expect(ask("claude-opus-5-5", body)).toBeUndefined();
  });

  it.each([
    { reasoning_effort: "none" },
    { reasoning_effort: "minimal" },
    { reasoning: { effort: "none" } },
    { reasoning: { enabled: false } },
    { thinking: { type: "disabled" } },
    { enable_thinking: false },
  ])("is short where the request asks it not to: %j", (body) => {
    expect(ask("gpt-5.6", body)).toBe(10_000);
  });

  it.each([
    "o3",
    "openai/o4-mini",
    "gpt-5.6-sol",
    "gemini-2.5-pro",
    "google/gemini-3-flash",
    "deepseek-reasoner",
  ])("is all of the timeout for a model that thinks unasked: %s", (model) => {
    expect(ask(model)).toBeUndefined();
  });

  it.each(["gpt-4o", "gemini-2.0-flash", "claude-opus-5-5", "foo1", "qwen3"])(
    "is short for one that does not, or that shows its thoughts: %s",
    (model) => {
      expect(ask(model)).toBe(10_000);
    },
  );
});
