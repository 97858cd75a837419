import { describe, expect, it } from "vitest";
import { estimateTokens, estimateUsage, isLongerThan } from "../../../worker/domain/money/estimate-usage.ts";

const words = "word ".repeat(800);
const chat = { model: "chat", messages: [{ role: "user", content: words }] };

describe("estimateUsage", () => {
  it("takes four characters of what the model reads for a token", () => {
    const { prompt_tokens: tokens } = estimateUsage(chat, 0);
    expect(tokens).toBeGreaterThanOrEqual(1000);
    expect(tokens).toBeLessThan(1020);
  });

  it("adds what was answered, and says that it is an estimate", () => {
    const usage = estimateUsage({ input: "" }, 50);
    expect(usage).toMatchObject({ completion_tokens: 50, estimated: true });
    expect(usage.total_tokens).toBe((usage.prompt_tokens ?? 0) + 50);
  });

  it.each([
    ["tools", { tools: [{ type: "function", function: { description: words } }] }],
    ["an input", { input: words }],
    ["inputs", { input: [words.slice(0, 2000), words.slice(2000)] }],
    ["a query", { query: words }],
    ["documents", { documents: [{ text: words }] }],
  ])("counts %s", (_, body) => {
    const { prompt_tokens: tokens } = estimateUsage(body, 0);
    expect(tokens).toBeGreaterThanOrEqual(1000);
    expect(tokens).toBeLessThan(1030);
  });

  it("leaves out what only steers the model, and what is null", () => {
    const steered = { ...chat, metadata: { note: words }, user: words, tools: null };
    expect(estimateUsage(steered, 0)).toEqual(estimateUsage(chat, 0));
  });
});

describe("estimateTokens", () => {
  it.each([
    [0, 0],
    [1, 1],
    [4, 1],
    [5, 2],
    [4000, 1000],
  ])("takes %i characters for %i tokens", (characters, tokens) => {
    expect(estimateTokens(characters)).toBe(tokens);
  });
});

describe("isLongerThan", () => {
  it("counts the characters of what a model reads", () => {
    expect(isLongerThan(chat, 3999)).toBe(true);
    expect(isLongerThan({ ...chat, metadata: { note: words }, user: words }, 4010)).toBe(false);
    expect(isLongerThan({ ...chat, tools: [{ function: { description: words } }] }, 7999)).toBe(true);
    expect(isLongerThan({}, 0)).toBe(false);
  });

  it("takes no data for text", () => {
    const picture = {
      type: "image_url",
      image_url: { url: `data:image/png;base64,${"A".repeat(1_000_000)}` },
    };
    const seen = { messages: [{ role: "user", content: [picture] }] };
    expect(isLongerThan(seen, 5000)).toBe(true);
    expect(isLongerThan(seen, 7000)).toBe(false);
  });

  it("reads no further than it has to", () => {
    const unread = {
      get content() {
        throw new Error("read");
      },
    };
    expect(isLongerThan({ messages: [{ content: words }, unread] }, 100)).toBe(true);
    expect(() => isLongerThan({ messages: [{ content: words }, unread] }, 5000)).toThrow("read");
  });
});
