import { describe, expect, it } from "vitest";
import type { HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { withFunctions } from "../../../worker/dialects/functions/with-functions.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { valueOf } from "../unwrap-result.ts";
import { eventsOf } from "./speak.ts";

const now = () => 1_700_000_000_000;
const connection = { baseUrl: "http://127.0.0.1", apiKey: undefined, headers: {} };
const chatOf = (adapter: ProviderAdapter): HttpTask<"chat"> => {
  const { chat } = withFunctions(adapter);
  if (chat?.kind !== "http") throw new Error("no chat by HTTP");
  return chat;
};
const claude = chatOf(createAnthropic(now));

const ASKED = {
  model: "chat",
  messages: [
    { role: "user", content: "How is the sky?" },
    { role: "assistant", content: null, function_call: { name: "look", arguments: '{"at":"sky"}' } },
    { role: "function", name: "look", content: "blue" },
    { role: "user", content: "And the sea?" },
  ],
  functions: [{ name: "look", description: "Looks.", parameters: { type: "object", properties: {} } }],
  function_call: { name: "look" },
};
const USED = { type: "tool_use", id: "toolu_1", name: "look", input: { at: "sea" } };
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [USED],
  stop_reason: "tool_use",
  usage: { input_tokens: 3, output_tokens: 2 },
};

describe("functions, of providers that have tools only", () => {
  it("are offered as tools, with the calls and results of before", () => {
    const { body } = valueOf(claude.buildRequest(ASKED, "claude-sonnet-4-5", connection));
    const sent = JSON.parse(body) as { messages: { content: unknown }[] };
    expect(sent).toMatchObject({
      tools: [{ name: "look", description: "Looks." }],
      tool_choice: { type: "tool", name: "look", disable_parallel_tool_use: true },
    });
    expect(sent.messages.slice(1).map(({ content }) => content)).toMatchObject([
      [{ type: "tool_use", name: "look", input: { at: "sky" } }],
      [{ type: "tool_result", content: "blue" }],
      "And the sea?",
    ]);
    const gemini = chatOf(createGoogle(now));
    expect(valueOf(gemini.buildRequest(ASKED, "gemini-2.5-flash", connection)).body).toContain(
      "functionDeclarations",
    );
  });

  it("are called in the form that they were offered in", () => {
    const { body } = valueOf(claude.parseResponse(JSON.stringify(MESSAGE), ASKED));
    const { choices } = JSON.parse(body) as { choices: { message: object }[] };
    expect(choices).toMatchObject([
      {
        message: { content: null, function_call: { name: "look", arguments: '{"at":"sea"}' } },
        finish_reason: "function_call",
      },
    ]);
    expect(choices[0]?.message).not.toHaveProperty("tool_calls");
  });

  it("are called in a stream too", () => {
    const event = (type: string, fields: object) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const stream = [
      event("message_start", { message: { ...MESSAGE, content: [] } }),
      event("content_block_start", { index: 0, content_block: { ...USED, input: {} } }),
      event("content_block_delta", {
        index: 0,
        delta: { type: "input_json_delta", partial_json: '{"at":"sea"}' },
      }),
      event("content_block_stop", { index: 0 }),
      event("message_delta", { delta: { stop_reason: "tool_use" }, usage: { output_tokens: 2 } }),
      event("message_stop", {}),
    ].join("");
    const read = claude.readStream?.(ASKED);
    if (!read) throw new Error("no streams");
    const { pieces, end } = groupEvents(cutEvents(stream).events, read, true);
    const text = pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
    expect(end?.ok).toBe(true);
    expect(text).toContain("data: [DONE]");
    const choices = eventsOf(text.replace("data: [DONE]\n\n", "")).flatMap(
      (chunk) => chunk["choices"] as object[],
    );
    expect(JSON.stringify(choices)).not.toContain("tool_calls");
    expect(choices).toContainEqual(expect.objectContaining({ finish_reason: "function_call" }));
    const called = choices.flatMap((choice) => {
      const { delta } = choice as { delta: { function_call?: { name?: string; arguments?: string } } };
      return delta.function_call ?? [];
    });
    expect(called.map(({ name }) => name ?? "").join("")).toBe("look");
    expect(called.map((call) => call.arguments ?? "").join("")).toBe('{"at":"sea"}');
  });

  it("are asked of every server but OpenAI's as tools, and answered in their own form", () => {
    const kinds = buildRegistry({});
    const chatFor = (preset: "openai" | "mistral") =>
      kinds["openai"]?.adapter({ preset } as never).chat as HttpTask<"chat">;
    const sent = (preset: "openai" | "mistral") =>
      JSON.parse(valueOf(chatFor(preset).buildRequest(ASKED, "m", connection)).body) as object;
    expect(sent("openai")).toMatchObject({ functions: ASKED.functions, function_call: { name: "look" } });
    expect(sent("mistral")).toMatchObject({
      tools: [{ type: "function", function: { name: "look" } }],
      tool_choice: { type: "function", function: { name: "look" } },
    });
    expect(sent("mistral")).not.toHaveProperty("functions");
    const call = (index: number, args: string) => ({
      index,
      id: `c${index}`,
      type: "function",
      function: { name: "look", arguments: args },
    });
    const chunk = (delta: object, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
    const stream = [
      chunk({ role: "assistant", tool_calls: [call(0, '{"at":')] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"sea"}' } }] }),
      chunk({ tool_calls: [call(1, '{"at":"sky"}')] }),
      chunk({}, "tool_calls"),
      "data: [DONE]\n\n",
    ].join("");
    const read = chatFor("mistral").readStream?.(ASKED);
    if (!read) throw new Error("no streams");
    const { pieces, end } = groupEvents(cutEvents(stream).events, read, true);
    const text = pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
    expect(end?.ok).toBe(true);
    const choices = eventsOf(text.replace("data: [DONE]\n\n", "")).flatMap(
      (each) =>
        each["choices"] as { delta: { function_call?: { arguments: string } }; finish_reason: unknown }[],
    );
    expect(choices.map(({ delta }) => delta.function_call?.arguments ?? "").join("")).toBe('{"at":"sea"}');
    expect(choices.at(-1)?.finish_reason).toBe("function_call");
    expect(text).not.toContain("tool_calls");
  });

  it("leave chats with tools as they are", () => {
    const { functions: _, function_call: __, ...rest } = ASKED;
    const asked = { ...rest, messages: [{ role: "user", content: "x" }] };
    const plain = createAnthropic(now).chat;
    if (plain?.kind !== "http") throw new Error("no chat by HTTP");
    const text = JSON.stringify(MESSAGE);
    expect(claude.parseResponse(text, asked)).toEqual(plain.parseResponse(text, asked));
    expect(claude.buildRequest(asked, "m", connection)).toEqual(plain.buildRequest(asked, "m", connection));
  });
});
