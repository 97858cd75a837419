import { describe, expect, it } from "vitest";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { MINIMAL, wholeOf } from "./speak.ts";

const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 9,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 12, cache_write_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const call = (args: string, id = "call_1") => ({
  id,
  type: "function",
  function: { name: "look_up", arguments: args },
});
const completion = (message: object, choice: object = {}, more: object = {}) => ({
  id: "chatcmpl-abc123",
  created: 1_700_000_000,
  model: "big",
  choices: [
    { index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: "stop", ...choice },
  ],
  usage: USAGE,
  ...more,
});
type Json = Record<string, unknown>;
const response = (message: object, choice?: object, more?: object, input?: object) =>
  JSON.parse(
    valueOf(wholeOf("responses", completion(message, choice, more), { ...MINIMAL.responses, ...input })).body,
  ) as Json;
const message = (said: object, choice?: object, more?: object) =>
  JSON.parse(valueOf(wholeOf("messages", completion(said, choice, more))).body) as Json;

describe("a whole response", () => {
  it("tells what was asked for, what came of it and what it used", () => {
    const asked = { instructions: "Be brief.", temperature: 0, metadata: { a: "b" }, store: true, tools: [] };
    expect(response({ content: "Blue." }, {}, {}, asked)).toEqual({
      id: "resp_abc123",
      object: "response",
      created_at: 1_700_000_000,
      status: "completed",
      background: false,
      error: null,
      incomplete_details: null,
      instructions: "Be brief.",
      max_output_tokens: null,
      metadata: { a: "b" },
      model: "big",
      output: [
        {
          id: "msg_abc123_0",
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "Blue.", annotations: [], logprobs: [] }],
        },
      ],
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: false,
      temperature: 0,
      text: { format: { type: "text" } },
      tool_choice: "auto",
      tools: [],
      top_p: null,
      truncation: "disabled",
      usage: {
        input_tokens: 20,
        input_tokens_details: { cached_tokens: 12, cache_write_tokens: 3 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 29,
      },
      user: null,
    });
  });

  it("has an item for the reasoning, the text and each call, in their order", () => {
    const said = { reasoning: "Hm.", content: "Look.", tool_calls: [call("{}"), call('{"a":1}', "call_2")] };
    expect(response(said)["output"]).toMatchObject([
      {
        id: "rs_abc123_0",
        type: "reasoning",
        summary: [],
        content: [{ type: "reasoning_text", text: "Hm." }],
      },
      { id: "msg_abc123_1", type: "message" },
      { id: "fc_abc123_2", type: "function_call", call_id: "call_1", name: "look_up", arguments: "{}" },
      { id: "fc_abc123_3", type: "function_call", call_id: "call_2", arguments: '{"a":1}' },
    ]);
  });

  it.each([
    ["length", "max_output_tokens"],
    ["content_filter", "content_filter"],
  ])("is incomplete where it ends by %s", (finish_reason, reason) => {
    expect(response({ content: "Bl" }, { finish_reason })).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason },
      output: [{ status: "incomplete" }],
    });
  });

  it("tells a refusal apart from text", () => {
    expect(response({ refusal: "No." })["output"]).toMatchObject([
      { type: "message", content: [{ type: "refusal", refusal: "No." }] },
    ]);
  });
});

describe("a whole message", () => {
  it("says the same in Anthropic's words", () => {
    const said = { reasoning_content: "Hm.", content: "Look.", tool_calls: [call('{"word":"sky"}')] };
    expect(message(said, { finish_reason: "tool_calls" })).toEqual({
      id: "msg_abc123",
      type: "message",
      role: "assistant",
      model: "big",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "" },
        { type: "text", text: "Look." },
        { type: "tool_use", id: "call_1", name: "look_up", input: { word: "sky" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: {
        input_tokens: 5,
        cache_creation_input_tokens: 3,
        cache_read_input_tokens: 12,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
      },
    });
  });

  it.each([
    ["stop", {}, "end_turn"],
    ["length", {}, "max_tokens"],
    ["content_filter", {}, "refusal"],
    ["stop", { refusal: "No." }, "refusal"],
    ["stop", { tool_calls: [call("{}")] }, "tool_use"],
    ["eos", {}, "end_turn"],
    [null, {}, "end_turn"],
  ])("stops for the reason that chat gives: %s with %j", (finish_reason, said, reason) => {
    expect(message({ content: "x", ...said }, { finish_reason })["stop_reason"]).toBe(reason);
  });

  it("names the text it stopped at, where the server does", () => {
    const stopped = (stop_reason: unknown) => {
      const input = { ...MINIMAL.messages, stop_sequences: ["END"] };
      const whole = wholeOf("messages", completion({ content: "x" }, { stop_reason }), input);
      return JSON.parse(valueOf(whole).body) as Json;
    };
    expect(stopped("END")).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
    for (const other of ["eos", 128_009, null, undefined]) {
      expect(stopped(other)).toMatchObject({ stop_reason: "end_turn", stop_sequence: null });
    }
  });

  it("takes a call without arguments for one with none, and one cut off for nothing usable", () => {
    expect(message({ tool_calls: [call("")] })["content"]).toMatchObject([{ input: {} }]);
    const cut = message({ tool_calls: [call('{"wo')] }, { finish_reason: "length" });
    expect(cut).toMatchObject({ content: [{ input: {} }], stop_reason: "max_tokens" });
  });

  it.each(["{", "[1]", '"x"', "null"])("is no answer where a call's arguments are %s", (args) => {
    const failed = errorOf(wholeOf("messages", completion({ tool_calls: [call(args)] })));
    expect(failed.kind).toBe("invalid_response");
  });
});

describe("any whole answer", () => {
  it("reads content in parts, and thinking among them", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
      { type: "text", text: "Blue." },
    ];
    expect(message({ content })["content"]).toMatchObject([{ thinking: "Hm." }, { text: "Blue." }]);
  });

  it("names itself by what the provider gave: the id, else the date, and the model asked for", () => {
    expect(response({ content: "x" }, {}, { id: "gen-1_a/b", model: "" })).toMatchObject({
      id: "resp_1ab",
      model: "chat",
    });
    expect(response({ content: "x" }, {}, { id: undefined })["id"]).toBe("resp_1700000000");
    expect(response({ tool_calls: [call("{}", "")] })["output"]).toMatchObject([
      { call_id: "call_abc123_0" },
    ]);
  });

  it("does without usage, and believes none that cannot be", () => {
    expect(response({ content: "x" }, {}, { usage: undefined })["usage"]).toBeNull();
    const usage = { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } };
    expect(message({ content: "x" }, {}, { usage })["usage"]).toMatchObject({
      input_tokens: 0,
      cache_read_input_tokens: 3,
    });
  });

  it.each([
    ["no choices", { choices: [] }],
    ["a choice without a message", { choices: [{ index: 0, message: 7 }] }],
    ["calls of another shape", { choices: [{ message: { tool_calls: "x" } }] }],
  ])("is refused with %s", (_, change) => {
    const answer = { ...completion({ content: "x" }), ...change };
    expect(errorOf(wholeOf("responses", answer)).kind).toBe("invalid_response");
    expect(errorOf(wholeOf("messages", answer)).kind).toBe("invalid_response");
  });
});
