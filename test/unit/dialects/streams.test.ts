import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HttpTask, ProviderAdapter, StreamEvent } from "../../../worker/domain/routing/adapter.ts";
import { writeEvent } from "../../../worker/domain/answers/server-sent-events.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { type DialectTask, eventsOf, readByAnthropic, readByOpenai, streamOf, writeStream } from "./speak.ts";

const recorded = (server: string) =>
  readFileSync(new URL(`../../fixtures/openai/chat/servers/${server}/stream.txt`, import.meta.url), "utf8");
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: "chatcmpl-abc123",
  created: 1_700_000_000,
  model: "big",
  choices: [{ index: 0, delta, finish_reason }],
});
const typesOf = (text: string) => eventsOf(text).map(({ type }) => type);
const BOTH: readonly DialectTask[] = ["responses", "messages"];

describe("a response's stream", () => {
  it("tells of each item from its opening to its end, numbered without a gap", () => {
    const { text } = streamOf(
      "responses",
      writeStream([
        chunk({ role: "assistant", content: "" }),
        chunk({ reasoning: "Hm." }),
        chunk({ content: "Look" }),
        chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "f", arguments: "{}" } }] }),
        chunk({}, "tool_calls"),
      ]),
    );
    expect(typesOf(text)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.reasoning_text.delta",
      "response.reasoning_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(eventsOf(text).map((event) => event["sequence_number"])).toEqual([...typesOf(text).keys()]);
  });

  it("ends as incomplete where it was cut off", async () => {
    const { text } = streamOf("responses", writeStream([chunk({ content: "Bl" }), chunk({}, "length")]));
    expect(typesOf(text).at(-1)).toBe("response.incomplete");
    expect(await readByOpenai(text)).toMatchObject({ status: "incomplete", output_text: "Bl" });
  });

  it("tells a refusal as one", async () => {
    const { text } = streamOf(
      "responses",
      writeStream([chunk({ refusal: "N" }), chunk({ refusal: "o." }, "stop")]),
    );
    expect((await readByOpenai(text)).output).toMatchObject([
      { content: [{ type: "refusal", refusal: "No." }] },
    ]);
  });
});

describe("a message's stream", () => {
  it("tells of each block from its start to its stop", () => {
    const { text } = streamOf("messages", writeStream([chunk({ content: "Hi" }), chunk({}, "stop")]));
    expect(typesOf(text)).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(text.startsWith("event: message_start\ndata: {")).toBe(true);
  });

  it("counts cached input apart", async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } };
    const { text } = streamOf(
      "messages",
      writeStream([chunk({ content: "x" }, "stop"), { choices: [], usage }]),
    );
    const message = await readByAnthropic(text);
    expect(message.usage).toMatchObject({ input_tokens: 5, cache_read_input_tokens: 4, output_tokens: 2 });
  });
});

describe.each(BOTH)("a stream of %s", (dialect) => {
  it.each(["openai", "groq", "mistral", "ollama", "openrouter", "vllm", "openai-tool-call"])(
    "is made of what %s sends, with what it used, for everyone to see",
    async (server) => {
      const { text, usage, end, hidden } = streamOf(dialect, recorded(server));
      expect(end).toEqual({ ok: true, value: null });
      expect(hidden).toBe(false);
      expect(text).not.toContain("[DONE]");
      expect(text).not.toContain("chat.completion.chunk");
      const read = dialect === "responses" ? await readByOpenai(text) : await readByAnthropic(text);
      expect(read.usage?.output_tokens).toBe(usage?.completion_tokens);
      const said = "output" in read ? read.output : read.content;
      expect(said.length).toBeGreaterThan(0);
    },
  );

  it.each(["vllm-failing", "ollama-failing", "openrouter-failing"])("breaks off where %s does", (server) => {
    const { end, text } = streamOf(dialect, recorded(server));
    expect(end).toMatchObject({ ok: false, error: { code: "upstream_error" } });
    expect(text).not.toMatch(/message_stop|response\.completed/);
  });

  it.each([
    ["an event of another shape", '{"choices":[{"delta":{"tool_calls":"x"}}]}'],
    [
      "a call that goes on after its end",
      JSON.stringify(chunk({ tool_calls: [{ index: 0, function: { arguments: "x" } }] })),
    ],
  ])("breaks off at %s", (_, bad) => {
    const call = (index: number) => ({ index, id: `c${index}`, function: { name: "f", arguments: "{}" } });
    const before = [chunk({ tool_calls: [call(0)] }), chunk({ tool_calls: [call(1)] })];
    const { end } = streamOf(dialect, writeStream(before).replace("data: [DONE]", `data: ${bad}`));
    expect(end).toMatchObject({ ok: false });
  });

  it("is no answer where the chat ends before it began", () => {
    expect(streamOf(dialect, "data: [DONE]\n\n").end).toMatchObject({ ok: false });
  });

  it("takes calls that are not numbered, or all numbered alike, by their ids", async () => {
    for (const index of [undefined, 0]) {
      const call = (id: string, args: string) => ({ index, id, function: { name: "f", arguments: args } });
      const { text } = streamOf(
        dialect,
        writeStream([
          chunk({ tool_calls: [call("a", '{"x":'), call("a", "1}")] }),
          chunk({ tool_calls: [call("b", "{}")] }, "stop"),
        ]),
      );
      const read = dialect === "responses" ? await readByOpenai(text) : await readByAnthropic(text);
      const calls = JSON.stringify("output" in read ? read.output : read.content);
      expect(calls).toMatch(/"(call_)?id":"a"/);
      expect(calls).toMatch(/"(call_)?id":"b"/);
    }
  });

  it("reads what an adapter emits in a provider's place: several events at once, and its end", async () => {
    const emitted = (delta: object, reason: string | null = null) =>
      writeEvent(JSON.stringify(chunk(delta, reason)));
    const usage = { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 };
    const told: StreamEvent[] = [
      { kind: "comment", emit: "" },
      { kind: "delta", emit: emitted({ content: "a" }) + emitted({ content: "b" }) },
      { kind: "usage", usage, only: true, emit: writeEvent(JSON.stringify({ choices: [], usage })) },
    ];
    const end: StreamEvent[] = [{ kind: "done", emit: `${emitted({}, "stop")}data: [DONE]\n\n` }];
    const chat = createOpenai({}).chat;
    if (chat?.kind !== "http") throw new Error("no chat");
    const read = Object.assign(() => ({ kind: "several", events: told }) as const, { end: () => end });
    const adapter: ProviderAdapter = { chat: { ...chat, readStream: () => read } };
    const { text, usage: used, hidden } = streamOf(dialect, "data: whatever\n\n", adapter);
    expect(used).toEqual(usage);
    expect(hidden).toBe(false);
    const answer = dialect === "responses" ? await readByOpenai(text) : await readByAnthropic(text);
    expect(JSON.stringify(answer)).toContain('"text":"ab"');
    expect(answer.usage?.output_tokens).toBe(1);
  });
});

describe("withDialects", () => {
  it("leaves a provider's own dialect alone, and one without chat without dialects", () => {
    const own = createOpenai({ responses: true });
    expect(withDialects(own).responses).toBe(own.responses);
    expect(withDialects(own).messages).toBeDefined();
    const silent = createOpenai({ tasks: ["embeddings"] });
    expect(withDialects(silent)).toBe(silent);
  });

  it("streams no dialect of a chat that does not stream", () => {
    const { chat } = createOpenai({});
    if (chat?.kind !== "http") throw new Error("no chat");
    const whole: HttpTask<"chat"> = {
      kind: "http",
      buildRequest: (...asked) => chat.buildRequest(...asked),
      parseResponse: (...answered) => chat.parseResponse(...answered),
    };
    expect(withDialects({ chat: whole }).messages).not.toHaveProperty("readStream");
  });
});
