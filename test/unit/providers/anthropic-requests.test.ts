import { describe, expect, it } from "vitest";
import type { Connection, HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const chat = createAnthropic(() => 0).chat as HttpTask<"chat">;
const connection: Connection = { baseUrl: "https://api.example/v1", apiKey: "sk-ant", headers: {} };
const asks = [{ role: "user", content: "Hi" }];
const build = (change: Record<string, unknown>, model = "claude-opus-4-6") =>
  chat.buildRequest({ model: "chat", messages: asks, ...change }, model, connection);
const sent = (change: Record<string, unknown>, model?: string) =>
  JSON.parse(valueOf(build(change, model)).body) as Record<string, unknown>;
const refusal = (change: Record<string, unknown>) => {
  const failure = errorOf(build(change));
  expect(failure.kind).toBe("invalid_input");
  expect(failure.message).toBe(failure.reason);
  return failure.message;
};
const parts = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
const calls = (...toolCalls: unknown[]) => ({
  messages: [...asks, { role: "assistant", content: "", tool_calls: toolCalls }],
});
const call = (text: unknown, id: unknown = "toolu_1") => ({
  id,
  type: "function",
  function: { name: "look_up", arguments: text },
});
const look = { type: "function", function: { name: "look_up", parameters: { type: "object" } } };

describe("the headers", () => {
  it("carry the key as x-api-key and the version, which the config may change, as it may ask for betas", () => {
    expect(valueOf(build({})).headers).toEqual({
      "anthropic-version": "2023-06-01",
      "x-api-key": "sk-ant",
      "content-type": "application/json",
    });
    const headers = { "anthropic-version": "2030-01-01", "anthropic-beta": "fast-mode", "x-api-key": "mine" };
    const own = chat.buildRequest({ model: "chat", messages: asks }, "m", { ...connection, headers });
    expect(valueOf(own).headers).toMatchObject({
      "anthropic-version": "2030-01-01",
      "anthropic-beta": "fast-mode",
      "x-api-key": "sk-ant",
    });
  });
});

describe("what the system says", () => {
  const system = (messages: unknown[], more = {}) => sent({ messages: [...messages, ...asks], ...more });

  it("stands apart, as a text where it is one", () => {
    expect(system([{ role: "system", content: "A" }])).toMatchObject({ system: "A", messages: asks });
    expect(system([{ role: "developer", content: [{ type: "text", text: "A" }] }])["system"]).toBe("A");
  });

  it("is collected from all of the conversation, in its order, after Anthropic's own", () => {
    const body = sent({
      system: "0",
      messages: [
        { role: "system", content: "A" },
        ...asks,
        { role: "developer", content: [{ type: "text", text: "B", cache_control: { type: "ephemeral" } }] },
      ],
    });
    expect(body["system"]).toEqual([
      { type: "text", text: "0" },
      { type: "text", text: "A" },
      { type: "text", text: "B", cache_control: { type: "ephemeral" } },
    ]);
    expect(body["messages"]).toEqual(asks);
  });

  it("is absent where it is nothing", () => {
    expect(system([{ role: "system", content: "" }])).not.toHaveProperty("system");
    expect(system([])).not.toHaveProperty("system");
  });
});

describe("a mark for the cache", () => {
  const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
  const text = (said: string, more = {}) => ({ type: "text", text: said, ...more });

  it("is kept on messages, parts, calls and results", () => {
    const messages = [
      { role: "system", content: "Be brief", ...mark },
      { role: "user", content: [text("a", mark), text("b")] },
      { role: "assistant", content: "c", tool_calls: [{ ...call("{}"), ...mark }] },
      { role: "tool", tool_call_id: "toolu_1", content: [text("d", mark)], ...mark },
      { role: "user", content: [text("e"), text("f")], ...mark },
    ];
    expect(sent({ messages })).toMatchObject({
      system: [text("Be brief", mark)],
      messages: [
        { content: [text("a", mark), text("b")] },
        { content: [text("c"), { type: "tool_use", id: "toolu_1", name: "look_up", input: {}, ...mark }] },
        { content: [{ type: "tool_result", content: [text("d", mark)], ...mark }] },
        { content: [text("e"), text("f", mark)] },
      ],
    });
  });
});

describe("a message's content", () => {
  it("takes a JPEG by either name, and what the options of a data URL say", () => {
    const image = (url: string) => sent(parts({ type: "image_url", image_url: { url } }));
    const source = { type: "base64", media_type: "image/jpeg", data: "/9j/" };
    for (const type of ["image/jpg", "IMAGE/JPEG", "image/jpeg;charset=x"]) {
      expect(image(`data:${type};base64,/9j/`)["messages"]).toEqual([
        { role: "user", content: [{ type: "image", source }] },
      ]);
    }
  });

  it.each([
    ["ftp://x/y.png", "image_url.url: expected an https URL or a base64 data URL"],
    ["data:image/svg+xml,%3Csvg/%3E", "image_url.url: expected an https URL or a base64 data URL"],
    ["data:image/png;base64", "image_url.url: expected an https URL or a base64 data URL"],
    [undefined, "image_url.url: expected a URL"],
  ])("refuses a picture that is at %s", (url, what) => {
    expect(refusal(parts({ type: "text", text: "a" }, { type: "image_url", image_url: { url } }))).toBe(
      `messages[0].content[1].${what}`,
    );
  });

  it("takes files by their id, PDFs by their bytes, and no others", () => {
    const file = (about: object) => sent(parts({ type: "file", file: about }))["messages"];
    expect(file({ file_id: "file_1" })).toMatchObject([
      { content: [{ type: "document", source: { type: "file", file_id: "file_1" } }] },
    ]);
    expect(file({ file_data: "https://a.example/b.pdf", filename: "b.pdf" })).toMatchObject([
      {
        content: [
          { type: "document", source: { type: "url", url: "https://a.example/b.pdf" }, title: "b.pdf" },
        ],
      },
    ]);
    expect(refusal(parts({ type: "file", file: { file_data: "data:video/mp4;base64,QQ==" } }))).toBe(
      "messages[0].content[0].file.file_data: expected a PDF or a text as a base64 data URL",
    );
  });

  it("goes up as it came where it is Anthropic's own", () => {
    const own = { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "x" }] };
    expect(sent(parts(own))["messages"]).toEqual([{ role: "user", content: [own] }]);
  });

  it("leaves out texts without a character", () => {
    expect(sent(parts({ type: "text", text: "" }, { type: "text", text: "a" }))["messages"]).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
    ]);
  });

  it.each([
    [[{ type: "input_audio", input_audio: {} }], "messages[0].content[0]: Anthropic's models take no audio"],
    [["text"], "messages[0].content[0]: expected a part with a type"],
    [7, "messages[0].content: expected a text or a list of parts"],
    [undefined, "messages[0].content: expected a text or a list of parts"],
  ])("is refused where it is %j", (content, words) => {
    expect(refusal({ messages: [{ role: "user", content }] })).toBe(words);
  });

  it("is refused where the role is unknown", () => {
    expect(refusal({ messages: [...asks, { role: "function", name: "f", content: "1" }] })).toBe(
      "messages[1].role: 'function' has no counterpart",
    );
  });
});

describe("what the model said before", () => {
  it("is its words, without an empty turn", () => {
    const turn = (message: object) =>
      sent({ messages: [...asks, { role: "assistant", ...message }, ...asks] });
    const said = (message: object) => (turn(message)["messages"] as unknown[]).slice(1, -1);
    expect(said({ content: "Yes." })).toEqual([{ role: "assistant", content: "Yes." }]);
    expect(said({ content: null, refusal: "No." })).toEqual([{ role: "assistant", content: "No." }]);
    expect(said({ content: [{ type: "refusal", refusal: "No." }] })).toEqual([
      { role: "assistant", content: [{ type: "text", text: "No." }] },
    ]);
    expect(said({ content: "" })).toEqual([]);
    expect(said({ content: null })).toEqual([]);
  });

  it("passes its thinking back unchanged, and nothing that only looks like it", () => {
    const thought = { type: "thinking", thinking: "Hm.", signature: "sig" };
    const body = sent({
      messages: [
        ...asks,
        {
          role: "assistant",
          content: "Yes.",
          thinking_blocks: [{ ...thought, index: 0 }, { type: "redacted_thinking", data: "d" }, "x", {}],
        },
        ...asks,
      ],
    });
    expect((body["messages"] as { content: unknown }[])[1]?.content).toEqual([
      thought,
      { type: "redacted_thinking", data: "d" },
      { type: "text", text: "Yes." },
    ]);
  });

  it.each(["", undefined, null, "{}"])("calls a tool without arguments: %j", (text) => {
    expect(sent(calls(call(text)))["messages"]).toContainEqual({
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_1", name: "look_up", input: {} }],
    });
  });

  it.each(['{"word":', "[1]", '"sea"', "null", 7])("refuses arguments that are no object: %j", (text) => {
    expect(refusal(calls(call("{}"), call(text)))).toBe(
      "messages[1].tool_calls[1].function.arguments: expected the JSON text of an object",
    );
  });

  it("refuses calls without an id or a name, by the place of what is missing", () => {
    expect(refusal(calls(call("{}", 7)))).toMatch(/^messages\[1\]\.tool_calls\[0\]\.id: /);
    expect(refusal(calls({ id: "a", type: "custom", custom: { name: "sh", input: "ls" } }))).toMatch(
      /^messages\[1\]\.tool_calls\[0\]\.function\.name: /,
    );
    expect(refusal({ messages: [{ role: "assistant", function_call: { name: "f" } }] })).toMatch(
      /^messages\[0\]\.function_call: /,
    );
    expect(refusal({ messages: [...asks, { role: "tool", content: "x" }] })).toMatch(
      /^messages\[1\]\.tool_call_id: /,
    );
  });

  it("has each turn's results in one message, and each turn's its own", () => {
    const result = (id: string) => ({ role: "tool", tool_call_id: id, content: id });
    const turn = (id: string) => ({ role: "assistant", tool_calls: [call("{}", id)] });
    const body = sent({
      messages: [...asks, turn("a"), result("a"), result("b"), turn("c"), { ...result("c"), is_error: true }],
    });
    const block = (id: string) => ({ type: "tool_result", tool_use_id: id, content: id });
    expect((body["messages"] as { role: string; content: unknown }[]).slice(2)).toEqual([
      { role: "user", content: [block("a"), block("b")] },
      { role: "assistant", content: [{ type: "tool_use", id: "c", name: "look_up", input: {} }] },
      { role: "user", content: [{ ...block("c"), is_error: true }] },
    ]);
  });

  it("keeps a call and its result together though another provider's id is not one here", () => {
    const body = sent({
      messages: [
        ...asks,
        { role: "assistant", tool_calls: [call("{}", "functions.look_up:0")] },
        { role: "tool", tool_call_id: "functions.look_up:0", content: "x" },
      ],
    });
    const [, id = ""] = /"tool_use","id":"([\w-]+)"/.exec(JSON.stringify(body)) ?? [];
    expect(JSON.stringify(body)).toContain(`"tool_use_id":"${id}"`);
  });
});

describe("tools", () => {
  const choice = (wanted: unknown, more = {}) =>
    sent({ tools: [look], tool_choice: wanted, ...more })["tool_choice"];

  it("have a schema of an object, whatever was sent", () => {
    const bare = { type: "function", function: { name: "now" } };
    expect(sent({ tools: [bare] })["tools"]).toEqual([
      { name: "now", input_schema: { type: "object", properties: {} } },
    ]);
  });

  it("keep strict, with a schema that can be held to, and a mark for the cache", () => {
    const strict = {
      ...look,
      cache_control: { type: "ephemeral" },
      function: {
        name: "f",
        strict: true,
        parameters: { type: "object", properties: { n: { type: "integer", minimum: 1 } } },
      },
    };
    expect(sent({ tools: [strict] })["tools"]).toEqual([
      {
        name: "f",
        strict: true,
        cache_control: { type: "ephemeral" },
        input_schema: {
          type: "object",
          properties: { n: { type: "integer", description: "{minimum: 1}" } },
          additionalProperties: false,
        },
      },
    ]);
  });

  it("go up as they came where they are Anthropic's own", () => {
    const own = { type: "web_search_20260318", name: "web_search", max_uses: 2 };
    expect(sent({ tools: [own] })["tools"]).toEqual([own]);
  });

  it.each([
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    ["required", { type: "any" }],
    [
      { type: "function", function: { name: "look_up" } },
      { type: "tool", name: "look_up" },
    ],
    [
      { type: "any", disable_parallel_tool_use: true },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [null, undefined],
  ])("are chosen by %j", (wanted, there) => {
    expect(choice(wanted)).toEqual(there);
  });

  it("are called one at a time where the client says so", () => {
    const alone = { parallel_tool_calls: false };
    expect(choice(undefined, alone)).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(choice("required", alone)).toEqual({ type: "any", disable_parallel_tool_use: true });
    expect(choice("none", alone)).toEqual({ type: "none" });
    expect(choice("auto", { parallel_tool_calls: true })).toEqual({ type: "auto" });
  });

  it("cannot be chosen among where there are none", () => {
    expect(sent({ tools: [], tool_choice: "auto", parallel_tool_calls: false })).not.toHaveProperty(
      "tool_choice",
    );
    expect(sent({ tool_choice: "none" })).not.toHaveProperty("tool_choice");
  });

  it.each([
    [{ tools: "x" }, /^tools: /],
    [{ tools: [look, 7] }, /^tools\[1\]: /],
    [{ tools: [{ type: "custom", custom: { name: "sh" } }] }, /^tools\[0\]: /],
    [{ tools: [{ type: "function", function: {} }] }, /^tools\[0\]\.function\.name: /],
    [{ tools: [look], tool_choice: { type: "allowed_tools" } }, /^tool_choice: /],
  ])("are refused by name where they are none: %j", (change, words) => {
    expect(refusal(change)).toMatch(words);
  });
});

describe("the other fields", () => {
  it("are Anthropic's by their own names, or anyone's, and go up untouched", () => {
    const own = { top_k: 3, container: "c", speed: "fast", brand_new: { deep: [1, null] } };
    expect(sent(own)).toMatchObject(own);
  });

  it.each([
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "prediction",
    "verbosity",
    "store",
    "prompt_cache_key",
    "prompt_cache_retention",
    "stream_options",
  ])("lose %s, which changes nothing that was promised", (name) => {
    expect(sent({ [name]: { any: 1 } })).not.toHaveProperty(name);
  });

  it.each([
    { n: 2 },
    { logprobs: true },
    { top_logprobs: 3 },
    { logit_bias: { "50256": -100 } },
    { modalities: ["text", "audio"] },
    { audio: { voice: "alloy" } },
    { web_search_options: {} },
    { functions: [{ name: "f" }] },
  ])("are refused by name where the answer would be another: %j", (change) => {
    const [name = ""] = Object.keys(change);
    expect(refusal(change)).toBe(`${name}: Anthropic's models have nothing like it`);
  });

  it.each([
    { n: 1 },
    { logprobs: false },
    { top_logprobs: 0 },
    { logit_bias: {} },
    { modalities: ["text"] },
    { audio: null },
    { function_call: "none" },
    { stop: null, temperature: null, top_p: null, tools: null, response_format: null, metadata: null },
  ])("are dropped where they ask for nothing: %j", (change) => {
    expect(Object.keys(sent(change)).toSorted()).toEqual(["max_tokens", "messages", "model"]);
  });

  it("name the user by whichever of their names there is", () => {
    expect(sent({ user: "u" })["metadata"]).toEqual({ user_id: "u" });
    expect(sent({ safety_identifier: "s" })["metadata"]).toEqual({ user_id: "s" });
    expect(sent({ metadata: { user_id: "m", page: "7" } })["metadata"]).toEqual({ user_id: "m" });
    expect(sent({ metadata: { page: "7" } })).not.toHaveProperty("metadata");
  });

  it("stop at one sequence or at several", () => {
    expect(sent({ stop: "END" })["stop_sequences"]).toEqual(["END"]);
    expect(sent({ stop: ["A", "B"] })["stop_sequences"]).toEqual(["A", "B"]);
    expect(sent({ stop_sequences: ["C"] })["stop_sequences"]).toEqual(["C"]);
  });

  it("limit the answer, by OpenAI's newer name before its older", () => {
    expect(sent({ max_tokens: 5, max_completion_tokens: 9 })["max_tokens"]).toBe(9);
    expect(sent({ max_tokens: 5 })["max_tokens"]).toBe(5);
    expect(sent({ max_tokens: null })["max_tokens"]).toBe(32_000);
    expect(sent({}, "MiniMax-M2")["max_tokens"]).toBe(4096);
  });

  it("ask for no tier that Anthropic does not have", () => {
    expect(sent({ service_tier: "auto" })["service_tier"]).toBe("auto");
    expect(sent({ service_tier: "flex" })).not.toHaveProperty("service_tier");
  });
});

describe("the answer's form", () => {
  it("is held to a schema, narrowed to what Anthropic knows, with the rest in words", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0, description: "Years." },
        mail: { type: "string", format: "email" },
        code: { type: "string", format: "color", maxLength: 7 },
        tags: { type: "array", items: { type: "string", pattern: "^a" }, minItems: 1, maxItems: 3 },
        either: { oneOf: [{ type: "object", properties: {} }, { $ref: "#/$defs/x" }] },
      },
      required: ["age"],
      $defs: { x: { type: "object", additionalProperties: { type: "string" } } },
    };
    const body = sent({ response_format: { type: "json_schema", json_schema: { name: "p", schema } } });
    expect(body["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            age: { type: "integer", description: "Years.\n\n{minimum: 0}" },
            mail: { type: "string", format: "email" },
            code: { type: "string", description: '{format: "color", maxLength: 7}' },
            tags: {
              type: "array",
              items: { type: "string", description: '{pattern: "^a"}' },
              minItems: 1,
              description: "{maxItems: 3}",
            },
            either: {
              anyOf: [{ type: "object", properties: {}, additionalProperties: false }, { $ref: "#/$defs/x" }],
            },
          },
          required: ["age"],
          additionalProperties: false,
          $defs: {
            x: {
              type: "object",
              additionalProperties: false,
              description: '{additionalProperties: {"type":"string"}}',
            },
          },
        },
      },
    });
  });

  it("is asked for in words where it may be any object", () => {
    expect(sent({ response_format: { type: "json_object" } })["system"]).toMatch(/JSON object/);
  });

  it("stands beside Anthropic's own settings of the output", () => {
    const format = { type: "json_schema", json_schema: { schema: { type: "object", properties: {} } } };
    const body = sent({ output_config: { effort: "max" }, response_format: format });
    expect(body["output_config"]).toMatchObject({ effort: "max", format: { type: "json_schema" } });
  });

  it.each([
    [{ type: "grammar" }, /^response_format\.type: /],
    ["json", /^response_format\.type: /],
    [{ type: "json_schema", json_schema: { name: "x" } }, /^response_format\.json_schema\.schema: /],
  ])("is refused where it is %j", (format, words) => {
    expect(refusal({ response_format: format })).toMatch(words);
  });
});
