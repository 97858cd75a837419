import { describe, expect, it } from "vitest";
import { valueOf } from "../unwrap-result.ts";
import { chatFor, eventsOf, MINIMAL, readByOpenai, streamOf, wholeOf, writeStream } from "./speak.ts";

const TOOLS = [
  { type: "function", name: "shell", parameters: { type: "object" } },
  { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: "x" } },
  { type: "namespace", name: "mcp__notes__", tools: [{ type: "function", name: "find" }] },
  { type: "namespace", name: "web", tools: [{ type: "function", name: "find" }] },
  { type: "web_search" },
];
const ASKED = { ...MINIMAL.responses, tools: TOOLS, include: ["reasoning.encrypted_content"] };
const call = (name: string, json: string, index = 0) => ({
  index,
  id: `call_${index}`,
  type: "function",
  function: { name, arguments: json },
});
const completion = (message: object) => ({
  id: "chatcmpl-abc",
  created: 1,
  model: "big",
  choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: "stop" }],
});
const outputOf = (message: object) =>
  (JSON.parse(valueOf(wholeOf("responses", completion(message), ASKED)).body) as { output: object[] }).output;
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: "chatcmpl-abc",
  created: 1,
  model: "big",
  choices: [{ index: 0, delta, finish_reason }],
});
const chatOf = (input: unknown[], more: object = {}) =>
  JSON.parse(valueOf(chatFor("responses", { model: "chat", input, ...more })).body) as {
    messages: object[];
    tools?: { function: { name: string } }[];
  };

describe("the tools of an agent, over a chat", () => {
  it("are offered as functions of their own names each, and those of the servers' own left out", () => {
    const { tools } = chatOf([{ role: "user", content: "x" }], { tools: TOOLS });
    expect(tools?.map((tool) => tool.function.name)).toEqual([
      "shell",
      "apply_patch",
      "mcp__notes__find",
      "web__find",
    ]);
  });

  it("keep names apart that are too long or the same when they are flat", () => {
    const long = "n".repeat(70);
    const tools = ["a", "b"].map((end) => ({
      type: "namespace",
      name: long,
      tools: [{ type: "function", name: end }],
    }));
    const names = chatOf([], { tools }).tools?.map((tool) => tool.function.name) ?? [];
    expect(new Set(names).size).toBe(2);
    expect(names.every(({ length }) => length <= 64)).toBe(true);
  });

  it("are called by what the client calls them", () => {
    const calls = [
      call("apply_patch", '{"input":"*** Begin"}'),
      call("mcp__notes__find", '{"a":1}', 1),
      call("shell", "{}", 2),
    ];
    expect(outputOf({ tool_calls: calls })).toEqual([
      {
        id: "ctc_abc_0",
        type: "custom_tool_call",
        status: "completed",
        call_id: "call_0",
        name: "apply_patch",
        input: "*** Begin",
      },
      {
        id: "fc_abc_1",
        type: "function_call",
        status: "completed",
        call_id: "call_1",
        name: "find",
        namespace: "mcp__notes__",
        arguments: '{"a":1}',
      },
      {
        id: "fc_abc_2",
        type: "function_call",
        status: "completed",
        call_id: "call_2",
        name: "shell",
        arguments: "{}",
      },
    ]);
  });

  it("take free text as the model wrote it where it kept to no parameters", () => {
    expect(outputOf({ tool_calls: [call("apply_patch", "*** Begin")] })).toMatchObject([
      { type: "custom_tool_call", input: "*** Begin" },
    ]);
  });

  it("are called in a stream as in a whole answer", async () => {
    const chunks = [
      chunk({ tool_calls: [call("apply_patch", '{"inp')] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: 'ut":"*** Begin"}' } }] }),
      chunk({ tool_calls: [call("web__find", "{}", 1)] }),
      chunk({}, "tool_calls"),
    ];
    const { text } = streamOf("responses", writeStream(chunks), undefined, ASKED);
    const types = eventsOf(text).map(({ type }) => type);
    expect(types.slice(2, 6)).toEqual([
      "response.output_item.added",
      "response.custom_tool_call_input.delta",
      "response.custom_tool_call_input.done",
      "response.output_item.done",
    ]);
    const whole = outputOf({
      tool_calls: [call("apply_patch", '{"input":"*** Begin"}'), call("web__find", "{}", 1)],
    });
    expect((await readByOpenai(text)).output).toMatchObject(whole);
  });
});

describe("thinking, over a chat", () => {
  it("comes back as it was said, by what a client carries unread", () => {
    const [thought] = outputOf({ reasoning_content: "Hm, ☀️ \ud800.", content: "Look." });
    expect(thought).toMatchObject({ type: "reasoning", encrypted_content: expect.any(String) as string });
    const { encrypted_content } = thought as { encrypted_content: string };
    const back = { type: "reasoning", id: "rs_1", summary: [], encrypted_content };
    const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Look." }] };
    expect(chatOf([back, said]).messages).toEqual([
      { role: "assistant", content: "Look.", reasoning_content: "Hm, ☀️ \ufffd." },
    ]);
  });

  it("comes back by its text too, and not at all where another server has encrypted it", () => {
    const said = { role: "assistant", content: "Look." };
    const told = { type: "reasoning", content: [{ type: "reasoning_text", text: "Hm." }], summary: [] };
    expect(chatOf([told, said]).messages).toMatchObject([{ reasoning_content: "Hm." }]);
    const sealed = { type: "reasoning", summary: [], encrypted_content: "gAAAA" };
    expect(chatOf([sealed, said]).messages).toEqual([said]);
  });

  it("is not carried for clients that do not ask for it", () => {
    const whole = wholeOf("responses", completion({ reasoning_content: "Hm." }));
    expect(JSON.stringify(valueOf(whole))).not.toContain("encrypted_content");
  });
});

describe("a result whose call is not there", () => {
  const result = { type: "function_call_output", call_id: "call_1", output: "10:30" };
  const tools = [{ type: "function", name: "clock" }];

  it("gets the call back, by the only tool or the name that it brings", () => {
    const references = [
      { type: "item_reference", id: "rs_x1_0" },
      { type: "item_reference", id: "fc_x1_1" },
    ];
    const called = (name: string) => ({
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: "{}" } }],
    });
    const answered = { role: "tool", tool_call_id: "call_1", content: "10:30" };
    expect(chatOf([...references, result], { tools }).messages).toEqual([called("clock"), answered]);
    expect(chatOf([{ ...result, name: "wait" }]).messages).toEqual([called("wait"), answered]);
  });
});
