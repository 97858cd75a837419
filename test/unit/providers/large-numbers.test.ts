import { describe, expect, it } from "vitest";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { parseJson } from "../../../worker/domain/requests/parse-json.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { type AiBinding, createProviderFetch } from "../../../worker/platform/workers-ai.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { valueOf } from "../unwrap-result.ts";
import { connection, type Name, Odd, tool } from "./odd-provider.ts";

const ID = "1234567890123456789";
const ARGS = `{"id":${ID}}`;
const PARAMETERS = `{"type":"object","properties":{"id":{"type":"integer","enum":[${ID}]}}}`;

const MESSAGES = `{"model":"m","max_tokens":9,
  "tools":[{"name":"look","input_schema":${PARAMETERS}}],
  "messages":[{"role":"user","content":"x"},
    {"role":"assistant","content":[{"type":"tool_use","id":"call_0","name":"look","input":${ARGS}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0","content":"found"}]}]}`;
const CHAT = `{"model":"m",
  "tools":[{"type":"function","function":{"name":"look","parameters":${PARAMETERS}}}],
  "messages":[{"role":"user","content":"x"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function","function":{"name":"look","arguments":${JSON.stringify(ARGS)}}}]},
    {"role":"tool","tool_call_id":"call_0","content":${JSON.stringify(ARGS)}}]}`;

type Asked = "chat" | "messages";
const taskOf = (name: Name, task: Asked) => withDialects(new Odd(name).adapter)[task] as HttpTask<"chat">;
const sent = (name: Name, task: Asked, text: string) =>
  valueOf(taskOf(name, task).buildRequest(valueOf(parseJson(text)) as never, "m", connection)).body;
const input = (task: Asked) => valueOf(parseJson(task === "chat" ? CHAT : MESSAGES)) as never;
const whole = (name: Name, task: Asked, answer: string) =>
  valueOf(taskOf(name, task).parseResponse(answer, input(task))).body;
function streamed(name: Name, task: Asked, ...events: string[]): string {
  const read = taskOf(name, task).readStream?.(input(task));
  if (!read) throw new Error(`${name} does not stream`);
  const text = events.map((data) => `data: ${data}\n\n`).join("");
  const { pieces } = groupEvents(cutEvents(text).events, read, true);
  return pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
}

/** A call as each server tells of it; some have arguments as JSON, and not as text. */
const choice = (said: "message" | "delta", args: string) =>
  `{"choices":[{"index":0,"${said}":{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":${args}}}]},"finish_reason":"tool_calls"}]}`;
const message = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"call_1","name":"look","input":${ARGS}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`;
const candidate = `{"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"name":"look","args":${ARGS}}}]},"finishReason":"STOP"}]}`;
const reply = `{"response":"","tool_calls":[{"name":"look","arguments":${ARGS}}]}`;
const block = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"call_1","name":"look","input":${ARGS}}}`;

/** The same as an object of JSON, or within a string. */
const DIGITS = new RegExp(String.raw`\\?"id\\?":${ID}`);

describe("a number that no double has keeps its digits", () => {
  it.each([
    ["anthropic", "chat", CHAT],
    ["anthropic", "messages", MESSAGES],
    ["google", "chat", CHAT],
    ["google", "messages", MESSAGES],
    ["openai", "chat", CHAT],
    ["openai", "messages", MESSAGES],
    ["mistral", "chat", CHAT],
    ["workers-ai", "messages", MESSAGES],
  ] as const)("in what %s is asked of a request of %s", (name, task, text) => {
    const body = sent(name, task, text);
    expect(body).toMatch(DIGITS);
    expect(body.split(ID)).toHaveLength(text.split(ID).length);
  });

  it.each([
    ["anthropic", "chat", message],
    ["anthropic", "messages", message],
    ["google", "chat", candidate],
    ["google", "messages", candidate],
    ["openai", "chat", choice("message", ARGS)],
    ["openai", "messages", choice("message", JSON.stringify(ARGS))],
    ["workers-ai", "chat", reply],
    ["workers-ai", "messages", reply],
  ] as const)("in what %s answers to a request of %s", (name, task, answer) => {
    expect(whole(name, task, answer)).toMatch(DIGITS);
  });

  it.each([
    ["anthropic", "chat", `{"type":"message_start","message":${message}}`, block],
    ["google", "chat", candidate],
    ["google", "messages", candidate],
    ["openai", "chat", choice("delta", ARGS)],
    ["openai", "messages", choice("delta", ARGS)],
    ["workers-ai", "chat", reply],
  ] as const)("in what %s streams to a request of %s", (name, task, ...events) => {
    expect(streamed(name, task, ...events)).toMatch(DIGITS);
  });

  it("when a message is made of its events", () => {
    const { forms } = taskOf("anthropic", "messages");
    const parts = [`{"id":`, `${ID}}`].map((partial_json) => ({
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json },
    }));
    const start = { type: "content_block_start", index: 0, content_block: { type: "tool_use", input: {} } };
    expect(JSON.stringify(forms?.join([start, ...parts]))).toMatch(DIGITS);
  });

  it("on its way through the binding of Workers AI", async () => {
    let asked = "";
    const ai: AiBinding = {
      run(_, inputs) {
        asked = JSON.stringify(inputs);
        return Promise.resolve(new Response("{}"));
      },
    };
    await createProviderFetch(ai)("workers-ai:m", { method: "POST", body: `{"a":${ARGS}}` });
    expect(asked).toBe(`{"a":${ARGS}}`);
  });

  it("in a tool's schema, whichever way it is fitted", () => {
    for (const name of ["anthropic", "google", "openai", "groq"] as const) {
      const { parameters } = tool(
        valueOf(parseJson(`{"type":"object","anyOf":[${PARAMETERS}]}`)) as never,
      ).function;
      const body = { messages: [{ role: "user", content: "x" }], tools: [tool(parameters)] };
      const task = new Odd(name).adapter.chat as HttpTask<"chat">;
      const request = valueOf(task.buildRequest({ model: "r", ...body }, "m", connection));
      expect([name, request.body.includes(ID)]).toEqual([name, true]);
    }
  });
});
