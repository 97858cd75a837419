import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { generationOf } from "../../../worker/providers/anthropic/generations.ts";
import { valueOf } from "../unwrap-result.ts";

const chat = createAnthropic(() => 0).chat as HttpTask<"chat">;
const asks = [{ role: "user", content: "Hi" }];
const connection = { baseUrl: "https://api.example/v1", apiKey: undefined, headers: {} };
const sent = (model: string, change: Record<string, unknown>) => {
  const input = { model: "chat", messages: asks, ...change } as ChatRequest;
  const { thinking, output_config, temperature, top_p, top_k } = JSON.parse(
    valueOf(chat.buildRequest(input, model, connection)).body,
  ) as Record<string, unknown>;
  return { thinking, output_config, temperature, top_p, top_k };
};
const thinks = { type: "adaptive", display: "summarized" };
const tools = [{ type: "function", function: { name: "f" } }];

describe("generationOf", () => {
  it.each([
    ["claude-3-5-haiku-20241022", "one", "budget", false],
    ["claude-sonnet-4-20250514", "one", "budget", false],
    ["claude-opus-4-1-20250805", "one", "budget", false],
    ["claude-haiku-4-5-20251001", "one", "budget", false],
    ["anthropic.claude-sonnet-4-6-v1:0", "one", "adaptive", false],
    ["anthropic/claude-opus-4.6", "one", "adaptive", false],
    ["claude-opus-4-7", "none", "adaptive", false],
    ["claude-sonnet-5", "none", "adaptive", false],
    ["claude-haiku-5-5", "none", "adaptive", false],
    ["claude-opus-5-5", "none", "adaptive", true],
    ["claude-sonnet-5-5", "none", "adaptive", true],
    ["claude-fable-5", "none", "adaptive", true],
    ["claude-mythos-preview", "none", "adaptive", true],
    ["claude-opus-6", "none", "adaptive", true],
    ["MiniMax-M2", "all", "adaptive", false],
  ])("knows %s", (model, sampling, thinking, alwaysThinks) => {
    expect(generationOf(model)).toMatchObject({ sampling, thinking, alwaysThinks });
  });
});

describe("the temperature", () => {
  it("is at most Anthropic's 1, and alone where a Claude takes one of two", () => {
    expect(sent("claude-sonnet-4-6", { temperature: 1.7, top_p: 0.9, top_k: 5 })).toMatchObject({
      temperature: 1,
      top_p: undefined,
      top_k: 5,
    });
    expect(sent("claude-sonnet-4-6", { top_p: 0.9 })).toMatchObject({ temperature: undefined, top_p: 0.9 });
    expect(sent("MiniMax-M2", { temperature: 0, top_p: 0.9 })).toMatchObject({ temperature: 0, top_p: 0.9 });
  });

  it("does not go to models that refuse to be told one, nor where they think", () => {
    const none = { temperature: undefined, top_p: undefined, top_k: undefined };
    const all = { temperature: 0, top_p: 0.9, top_k: 5 };
    expect(sent("claude-opus-4-8", all)).toMatchObject(none);
    expect(sent("claude-opus-4-6", { ...all, reasoning_effort: "low" })).toMatchObject(none);
    expect(sent("claude-opus-4-6", { ...all, thinking: { type: "adaptive" } })).toMatchObject(none);
    expect(sent("claude-opus-4-6", { ...all, thinking: { type: "disabled" } })).toMatchObject({
      temperature: 0,
    });
  });
});

describe("reasoning_effort", () => {
  it.each([
    ["minimal", "low"],
    ["low", "low"],
    ["high", "high"],
    ["xhigh", "xhigh"],
    ["brand-new", "brand-new"],
  ])("%s is an effort of newer models, which then show their thinking", (asked, effort) => {
    expect(sent("claude-opus-5", { reasoning_effort: asked })).toMatchObject({
      thinking: thinks,
      output_config: { effort },
    });
  });

  it("is as high as a model goes", () => {
    expect(sent("claude-opus-4-6", { reasoning_effort: "xhigh" })["output_config"]).toEqual({
      effort: "high",
    });
  });

  it("is left to the model where nobody asks", () => {
    const untold = { thinking: undefined, output_config: undefined };
    expect(sent("claude-opus-5", {})).toMatchObject(untold);
    expect(sent("claude-opus-5", { reasoning_effort: null })).toMatchObject(untold);
  });

  it("'none' ends the thinking, or makes it little where it cannot be ended", () => {
    expect(sent("claude-opus-5", { reasoning_effort: "none" })["thinking"]).toEqual({ type: "disabled" });
    expect(sent("claude-opus-5-5", { reasoning_effort: "none" })).toMatchObject({
      thinking: undefined,
      output_config: { effort: "low" },
    });
  });

  it.each([
    ["minimal", 20_000, 2000],
    ["low", 20_000, 4000],
    ["medium", 20_000, 10_000],
    ["high", 20_000, 16_000],
    ["low", 2000, 1024],
  ])("%s of %i tokens is a budget of %i of older models", (asked, limit, budget) => {
    expect(sent("claude-haiku-4-5", { reasoning_effort: asked, max_completion_tokens: limit })).toMatchObject(
      { thinking: { type: "enabled", budget_tokens: budget }, output_config: undefined },
    );
  });

  it("gives older models no budget that leaves nothing to answer with", () => {
    for (const max_tokens of [1, 1024]) {
      expect(sent("claude-haiku-4-5", { reasoning_effort: "high", max_tokens })["thinking"]).toBeUndefined();
    }
  });

  it("does not think before a tool that the client insists on", () => {
    const forced = { reasoning_effort: "low", tools, tool_choice: "required" };
    expect(sent("claude-haiku-4-5", forced)["thinking"]).toBeUndefined();
    expect(sent("claude-opus-5", forced)).toMatchObject({
      thinking: undefined,
      output_config: { effort: "low" },
    });
  });

  it("does not start to think in the middle of older models' turn, whose thinking the client lost", () => {
    const turn = (caller: object) => [
      ...asks,
      { role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }], ...caller },
      { role: "tool", tool_call_id: "a", content: "x" },
    ];
    const effort = { reasoning_effort: "low", max_tokens: 8000, tools };
    const thought = { type: "thinking", thinking: "Hm.", signature: "s" };
    expect(sent("claude-haiku-4-5", { ...effort, messages: turn({}) })["thinking"]).toBeUndefined();
    expect(
      sent("claude-haiku-4-5", { ...effort, messages: turn({ thinking_blocks: [thought] }) }),
    ).toMatchObject({ thinking: { type: "enabled" } });
    expect(sent("claude-opus-5", { ...effort, messages: turn({}) })["thinking"]).toEqual(thinks);
  });

  it("gives way to Anthropic's own words", () => {
    const own = { thinking: { type: "enabled", budget_tokens: 3000 } };
    expect(sent("claude-haiku-4-5", { ...own, reasoning_effort: "high" })).toMatchObject(own);
    expect(sent("claude-opus-5", { thinking: { type: "disabled" }, reasoning_effort: "high" })).toMatchObject(
      {
        thinking: { type: "disabled" },
        output_config: { effort: "high" },
      },
    );
  });
});
