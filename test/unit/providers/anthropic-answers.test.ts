import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpTask, StreamEvent } from "../../../worker/domain/routing/adapter.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents, readData, writeEvent } from "../../../worker/domain/answers/server-sent-events.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { readFixtures } from "./read-fixtures.ts";

const adapter = createAnthropic(() => 1_700_000_000_999);
const chat = adapter.chat as HttpTask<"chat">;
const messages = adapter.messages as HttpTask<"messages">;
const input = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
const fixtures = readFixtures("anthropic", "chat");

interface Choice {
  readonly message: Record<string, unknown>;
  readonly finish_reason: string;
}
interface Delta {
  readonly role?: string;
  readonly content?: string;
  readonly refusal?: string;
  readonly reasoning_content?: string;
  readonly thinking_blocks?: unknown;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function: { readonly name?: string; readonly arguments: string };
  }[];
}
interface Chunk {
  readonly choices: readonly [{ readonly delta: Delta; readonly finish_reason: string | null }] | readonly [];
  readonly usage?: unknown;
}

const complete = (message: object) =>
  JSON.parse(valueOf(chat.parseResponse(JSON.stringify(message), input)).body) as {
    readonly choices: readonly [Choice];
    readonly created: number;
  };
const whole = (name: string) => {
  const found = fixtures.responses.find(({ server }) => server === name);
  return complete(JSON.parse(found?.text ?? "") as object).choices[0];
};
const answer = (stopReason: string | null) => ({
  type: "message",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: stopReason,
});

/** What a client of the chat gets for a stream, chunk by chunk. */
function relay(text: string): { readonly chunks: readonly Chunk[]; readonly done: boolean } {
  const read = chat.readStream?.(input);
  if (!read) throw new Error("the task does not stream");
  const group = groupEvents(cutEvents(text).events, read);
  const decoder = new TextDecoder();
  const out = group.pieces.map(({ bytes }) => decoder.decode(bytes)).join("");
  const datas = cutEvents(out).events.map((event) => readData(event) ?? "");
  const chunks = datas.filter((data) => data !== "[DONE]").map((data) => JSON.parse(data) as Chunk);
  return { chunks, done: datas.at(-1) === "[DONE]" && group.end?.ok === true };
}

/** Puts a stream's chunks together, as OpenAI's clients do. */
function assemble(chunks: readonly Chunk[]): Choice {
  const message: Record<string, unknown> = {};
  const calls: { id: string; type: "function"; function: { name: string; arguments: string } }[] = [];
  let finishReason = "";
  for (const { choices } of chunks) {
    const [choice] = choices;
    if (!choice) continue;
    const { tool_calls: toolCalls = [], ...delta } = choice.delta;
    for (const [name, value] of Object.entries(delta)) {
      const before = message[name];
      message[name] = typeof before === "string" && typeof value === "string" ? before + value : value;
    }
    for (const { index, id, function: called } of toolCalls) {
      calls[index] ??= {
        id: id ?? "",
        type: "function",
        function: { name: called.name ?? "", arguments: "" },
      };
      calls[index].function.arguments += called.arguments;
    }
    finishReason = choice.finish_reason ?? finishReason;
  }
  return {
    message: { ...message, ...(calls.length > 0 ? { tool_calls: calls } : {}) },
    finish_reason: finishReason,
  };
}

const event = (type: string, more: object = {}) => writeEvent(JSON.stringify({ type, ...more }), type);
const start = event("message_start", { message: { id: "msg_1", model: "m", usage: { input_tokens: 4 } } });
const delta = (index: number, part: object) => event("content_block_delta", { index, delta: part });
const open = (index: number, block: object) => event("content_block_start", { index, content_block: block });
const end = (stopReason: string) =>
  event("message_delta", { delta: { stop_reason: stopReason }, usage: { output_tokens: 3 } }) +
  event("message_stop");

describe("a chat completion made of a message", () => {
  it("bears the date of its arrival in seconds", () => {
    expect(complete(answer("end_turn")).created).toBe(1_700_000_000);
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["refusal", "content_filter"],
    ["brand_new", "stop"],
    [null, "stop"],
  ])("ended for %s, which is %s", (reason, finishReason) => {
    expect(complete(answer(reason)).choices[0].finish_reason).toBe(finishReason);
  });

  it("has calls of tools with their arguments as JSON text, and no content where nothing was said", () => {
    const { message } = whole("anthropic-parallel-tools");
    expect(message["content"]).toBe("I'll look both up.");
    expect(message["tool_calls"]).toEqual([
      {
        id: "toolu_01T1x1fJ34qAmk2tNTrN7Up6",
        type: "function",
        function: { name: "look_up", arguments: '{"word":"say \\"usage\\": {}"}' },
      },
      { id: "toolu_02WQ2b", type: "function", function: { name: "look_up", arguments: '{"word":"sea"}' } },
      { id: "toolu_03", type: "function", function: { name: "now", arguments: "{}" } },
    ]);
    const silent = { type: "message", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] };
    expect(complete(silent).choices[0].message["content"]).toBeNull();
  });

  it("has thinking to read, and as Anthropic made it to be sent back", () => {
    const { message } = whole("anthropic-thinking");
    expect(message["reasoning_content"]).toBe("Word first.\nThen the sea.");
    expect(message["thinking_blocks"]).toMatchObject([
      { type: "thinking", thinking: "Word first.\nThen the sea." },
      { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix" },
    ]);
  });

  it("lets the model go on from an answer that is sent back as it came", () => {
    const { message } = whole("anthropic-thinking");
    const result = { role: "tool", tool_call_id: "toolu_0A", content: "water" };
    const next = { model: "chat", messages: [...input.messages, { role: "assistant", ...message }, result] };
    const { body } = valueOf(
      chat.buildRequest(next, "claude-opus-5", { baseUrl: "", apiKey: undefined, headers: {} }),
    );
    const sent = JSON.parse(body) as { messages: { content: unknown }[] };
    const found = fixtures.responses.find(({ server }) => server === "anthropic-thinking");
    const said = JSON.parse(found?.text ?? "") as { content: { type: string; citations?: null }[] };
    expect(sent.messages[1]?.content).toEqual(
      said.content.map((block) => ({ ...block, citations: undefined })),
    );
  });

  it("says why the model refused", () => {
    expect(whole("anthropic-refusal")).toMatchObject({
      finish_reason: "content_filter",
      message: { content: "", refusal: "The request could enable biological harm." },
    });
  });

  it("has the words only of an answer for which Anthropic's own tools were used", () => {
    expect(whole("anthropic-web-search").message).toMatchObject({ content: "A mill grinds.", refusal: null });
  });

  it("is not made of a block that lacks what makes it one", () => {
    for (const block of [{ type: "thinking" }, { type: "tool_use", id: "a", name: "f" }, { type: "text" }]) {
      const failed = chat.parseResponse(JSON.stringify({ type: "message", content: [block] }), input);
      expect(errorOf(failed).kind).toBe("invalid_response");
    }
  });
});

describe("the chunks made of a message's events", () => {
  const names = fixtures.responses.map(({ server }) => server);

  it.each(names)("say what the whole answer says: %s", (name) => {
    const { chunks, done } = relay(fixtures.streams.find(({ server }) => server === name)?.text ?? "");
    const { message, finish_reason: finishReason } = assemble(chunks);
    const expected = whole(name);
    const parsed = (calls: unknown) =>
      ((calls ?? []) as { function: { arguments: string } }[]).map((call) => ({
        ...call,
        function: { ...call.function, arguments: JSON.parse(call.function.arguments) as unknown },
      }));
    expect(done).toBe(true);
    expect(finishReason).toBe(expected.finish_reason);
    expect({ refusal: null, ...message, content: message["content"] || null, tool_calls: null }).toEqual({
      ...expected.message,
      content: expected.message["content"] || null,
      tool_calls: null,
    });
    expect(parsed(message["tool_calls"])).toEqual(parsed(expected.message["tool_calls"]));
  });

  it("say first who speaks, then why it ended, then what was used, each once", () => {
    const { chunks } = relay(start + open(0, { type: "text", text: "" }) + end("end_turn"));
    expect(chunks.map(({ choices, usage }) => choices[0] ?? usage)).toEqual([
      { index: 0, delta: { role: "assistant", content: "" }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: "stop" },
      {
        prompt_tokens: 4,
        completion_tokens: 3,
        total_tokens: 7,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      },
    ]);
    expect(chunks[0]).toMatchObject({ id: "msg_1", object: "chat.completion.chunk", created: 1_700_000_000 });
  });

  it("say who speaks though nothing is said", () => {
    const { chunks } = relay(start + end("refusal"));
    expect(assemble(chunks)).toMatchObject({
      message: { role: "assistant" },
      finish_reason: "content_filter",
    });
  });

  it("hold a call's arguments that came with its start, and {} for one that has none", () => {
    const tool = (input_: object) => ({ type: "tool_use", id: "a", name: "f", input: input_ });
    const text = (block: string) =>
      assemble(relay(start + block + end("tool_use")).chunks).message["tool_calls"];
    const stop = event("content_block_stop", { index: 0 });
    expect(text(open(0, tool({ x: 1 })) + stop)).toMatchObject([{ function: { arguments: '{"x":1}' } }]);
    expect(text(open(0, tool({})) + stop)).toMatchObject([{ function: { arguments: "{}" } }]);
  });

  it("leave out unknown events, as Anthropic asks of its clients", () => {
    const strange = event("brand_new") + delta(0, { type: "brand_new_delta", x: 1 });
    const { chunks, done } = relay(
      start + strange + delta(0, { type: "text_delta", text: "a" }) + end("end_turn"),
    );
    expect(done).toBe(true);
    expect(assemble(chunks).message["content"]).toBe("a");
  });

  it("concatenate to the same text wherever it is cut", () => {
    const texts = fc.array(fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(texts, texts, (said, thought) => {
        const stream =
          start +
          open(0, { type: "thinking", thinking: "", signature: "" }) +
          thought.map((text) => delta(0, { type: "thinking_delta", thinking: text })).join("") +
          event("content_block_stop", { index: 0 }) +
          open(1, { type: "text", text: "" }) +
          said.map((text) => delta(1, { type: "text_delta", text })).join("") +
          end("end_turn");
        const { message } = assemble(relay(stream).chunks);
        expect(message["content"]).toBe(said.join(""));
        expect(message["reasoning_content"] ?? "").toBe(thought.join(""));
        expect(message["thinking_blocks"]).toEqual([
          { type: "thinking", thinking: thought.join(""), signature: "" },
        ]);
      }),
    );
  });

  it.each([
    [
      "an error",
      event("error", { error: { type: "overloaded_error", message: "Busy" } }),
      "overloaded_error: Busy",
    ],
    ["an error without words", event("error"), "unnamed"],
    [
      "another beginning",
      delta(0, { type: "text_delta", text: "a" }),
      "a stream that does not begin with message_start",
    ],
    [
      "a call without a name",
      start + open(0, { type: "tool_use", id: "a" }),
      "a tool's call has no id or no name",
    ],
    ["a text that is none", start + delta(0, { type: "text_delta", text: 7 }), "a delta without its text"],
    [
      "a thought in a text",
      start + delta(0, { type: "thinking_delta", thinking: "x" }),
      "a thought outside of a thinking block",
    ],
    [
      "usage in words",
      event("message_start", { message: { usage: { input_tokens: "4" } } }),
      "an event's usage is not in counts",
    ],
    [
      "another ending",
      start + event("message_delta", { delta: { stop_reason: 7 } }),
      "a message_delta of another shape",
    ],
  ])("end in a failure at %s", (_, text, reason) => {
    const read = chat.readStream?.(input);
    const told = cutEvents(text).events.map(
      (raw): StreamEvent => read?.({ name: undefined, data: readData(raw) ?? "" }) ?? { kind: "comment" },
    );
    expect(told.at(-1)).toMatchObject({ kind: "error", reason });
  });

  it("do not keep thinking without end", () => {
    const read = chat.readStream?.(input);
    const data = (text: string) => ({ name: undefined, data: readData(text) ?? "" });
    read?.(data(start));
    read?.(data(open(0, { type: "thinking", thinking: "", signature: "" })));
    const kinds = Array.from({ length: 3 }, () =>
      read?.(data(delta(0, { type: "thinking_delta", thinking: "x".repeat(900_000) }))),
    );
    expect(kinds.map((told) => told?.kind)).toEqual(["delta", "delta", "error"]);
  });
});

describe("readRefusal", () => {
  const refusal = (message: string, errorCode?: string) =>
    JSON.stringify({
      type: "error",
      error: {
        type: "invalid_request_error",
        message,
        details: errorCode ? { error_code: errorCode } : null,
      },
    });

  it.each([
    ["Your credit balance is too low to access the Anthropic API.", undefined, 402],
    [
      "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
      undefined,
      402,
    ],
    ["This organization has been disabled.", "organization_on_hold", 403],
    ["max_tokens: Field required", undefined, undefined],
    ["An image is too large.", "image_dimensions_too_large", undefined],
  ])("takes '%s' for whose it is", (message, errorCode, status) => {
    for (const { readRefusal } of [chat, messages]) {
      expect(readRefusal?.(400, refusal(message, errorCode))).toEqual(status ? { status } : {});
    }
  });

  it("leaves other statuses and other bodies as they are", () => {
    expect(chat.readRefusal?.(529, refusal("Your credit balance is too low"))).toEqual({});
    expect(chat.readRefusal?.(400, "<html>")).toEqual({});
  });
});

describe("a message for a client of Anthropic's API", () => {
  it("goes on as it came, byte for byte", () => {
    const { text } = readFixtures("anthropic", "messages").responses[0] ?? { text: "" };
    expect(valueOf(messages.parseResponse(text, { ...input, max_tokens: 1 })).body).toBe(text);
  });

  it("goes on event by event as they came", () => {
    for (const { text } of readFixtures("anthropic", "messages").streams.filter(
      ({ events }) => events.at(-1) === "done",
    )) {
      const read = messages.readStream?.({ ...input, max_tokens: 1 });
      const group = groupEvents(cutEvents(text).events, read ?? (() => ({ kind: "comment" })));
      expect(group.pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("")).toBe(text);
      expect(group.end?.ok).toBe(true);
    }
  });
});
