import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { UnavailableTools } from "../../../worker/dialects/dialect.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { chatFor, MINIMAL } from "./speak.ts";

const ROOT = new URL("../../fixtures/dialects/", import.meta.url);
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));

interface RequestFixture {
  readonly input: object;
  readonly chat: object;
}

describe.each(["responses", "messages"] as const)("a request of %s", (dialect) => {
  const names = readdirSync(new URL(`${dialect}/requests`, ROOT));
  const sent = (body: object) => {
    const { url, body: text } = valueOf(chatFor(dialect, body));
    return { url, body: JSON.parse(text) as unknown };
  };

  it.each(names)("goes up as the chat that means the same: %s", (name) => {
    const { input, chat } = readJson(`${dialect}/requests/${name}`) as RequestFixture;
    expect(sent(input)).toEqual({ url: "http://127.0.0.1/v1/chat/completions", body: chat });
  });

  it.each(names)("is left as it was: %s", (name) => {
    const { input } = readJson(`${dialect}/requests/${name}`) as RequestFixture;
    const before = structuredClone(input);
    sent(input);
    expect(input).toEqual(before);
  });

  it.each(readJson(`${dialect}/refused.json`) as [string, object, UnavailableTools?][])(
    "is refused by the name of what chat has nothing for: %s in %j",
    (field, change, unavailableTools = "refuse") => {
      const failure = errorOf(chatFor(dialect, { ...MINIMAL[dialect], ...change }, unavailableTools));
      expect(failure.kind).toBe("invalid_input");
      expect(failure.message?.slice(0, field.length + 2)).toBe(`${field}: `);
      expect(failure.message).toBe(failure.reason);
    },
  );
});

describe("a request's words", () => {
  it("are repeated in a refusal only so far", () => {
    const input = [{ type: "x".repeat(10_000) }];
    expect(errorOf(chatFor("responses", { ...MINIMAL.responses, input })).message?.length).toBeLessThan(300);
  });

  it("offer only the tools that may be chosen, for few servers have a choice among some", () => {
    const tools = ["f", "g"].map((name) => ({ type: "function", name }));
    const sent = (choice: object) =>
      JSON.parse(
        valueOf(chatFor("responses", { ...MINIMAL.responses, tools, tool_choice: choice })).body,
      ) as object;
    const some = { type: "allowed_tools", tools: [{ type: "function", name: "g" }] };
    const offered = [{ type: "function", function: { name: "g" } }];
    expect(sent({ ...some, mode: "required" })).toMatchObject({ tools: offered, tool_choice: "required" });
    expect(sent({ ...some, mode: "auto" })).toMatchObject({ tools: offered, tool_choice: "auto" });
    expect(sent({ ...some, tools: [] })).not.toHaveProperty("tools");
  });

  it("name the user only as far as OpenAI's own field goes", () => {
    const sent = (user_id: string) =>
      JSON.parse(valueOf(chatFor("messages", { ...MINIMAL.messages, metadata: { user_id } })).body) as object;
    expect(sent("u".repeat(64))).toMatchObject({ user: "u".repeat(64) });
    expect(sent("u".repeat(65))).not.toHaveProperty("user");
  });

  it.each([
    [{ type: "auto" }, "auto", undefined],
    [{ type: "none" }, "none", undefined],
    [
      { type: "tool", name: "f", disable_parallel_tool_use: true },
      { type: "function", function: { name: "f" } },
      false,
    ],
    [{ type: "any", disable_parallel_tool_use: false }, "required", undefined],
  ])("choose tools alike: %j", (tool_choice, chosen, parallel) => {
    const tools = [{ name: "f", input_schema: {} }];
    const { body } = valueOf(chatFor("messages", { ...MINIMAL.messages, tools, tool_choice }));
    const chat = JSON.parse(body) as Record<string, unknown>;
    expect([chat["tool_choice"], chat["parallel_tool_calls"]]).toEqual([chosen, parallel]);
  });

  it.each([
    [100, "low"],
    [349, "low"],
    [350, "medium"],
    [649, "medium"],
    [650, "high"],
    [999, "high"],
  ])("budget %i of 1000 tokens for thinking as %s effort", (budget_tokens, effort) => {
    const thinking = { type: "enabled", budget_tokens };
    const { body } = valueOf(chatFor("messages", { ...MINIMAL.messages, max_tokens: 1000, thinking }));
    expect(JSON.parse(body)).toMatchObject({ reasoning_effort: effort });
  });
});
