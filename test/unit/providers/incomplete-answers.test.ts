import { describe, expect, it } from "vitest";
import type { Task } from "../../../worker/contract/requests.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { parseRequest } from "../../../worker/domain/requests/parse-request.ts";
import type { HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createHttp } from "../../../worker/providers/http/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { workersAi } from "../../../worker/providers/workers-ai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { valueOf } from "../unwrap-result.ts";

const openai = createOpenai({ responses: true });
const anthropic = createAnthropic(() => 0);
const google = createGoogle(() => 0);
const places = { path: "/", inputs: "inputs", outputs: "", extra: {}, vector: "", model: undefined };
const own = createHttp({ embeddings: places });

const says = { messages: [{ role: "user", content: "Hi" }], max_tokens: 9 };
const ASKED: { readonly [T in Task]?: object } = {
  chat: says,
  messages: says,
  responses: { input: "Hi" },
  completions: { prompt: "Hi" },
  embeddings: { input: ["a", "b"] },
  rerank: { query: "q", documents: ["a", "b", "c"] },
  moderations: { input: ["a", "b"] },
  images: { prompt: "a cat" },
};

/** Why what a provider says is no answer, or only one to a part of the request; undefined where it is one. */
function faultOf(adapter: ProviderAdapter, task: Task, answer: object, change: object = {}) {
  const input = valueOf(parseRequest(task, { model: "m", ...ASKED[task], ...change }));
  const read = (adapter[task] as HttpTask<Task>).parseResponse(JSON.stringify(answer), input);
  return read.ok ? read.value.lacks : read.error.reason;
}

/** Whether a stream of these events is whole. */
function isWhole(adapter: ProviderAdapter, task: Task, events: readonly (object | string)[]) {
  const input = valueOf(parseRequest(task, { model: "m", ...ASKED[task], stream: true }));
  const read = (adapter[task] as HttpTask<Task>).readStream?.(input);
  if (!read) throw new Error("the task does not stream");
  const lines = events.map((each) => `data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`);
  return groupEvents(cutEvents(lines.join("")).events, read, true).end?.ok === true;
}

const vectors = (...data: object[]) => ({ object: "list", data });
const vector = (index: number | undefined, embedding: unknown) => ({ index, embedding });
const ranked = (...indices: number[]) => ({
  results: indices.map((index) => ({ index, relevance_score: 0.5 })),
});
const chosen = (choice: object) => ({ choices: [choice] });
const message = { type: "message", content: [] };

describe("what is no answer, though its status is 200", () => {
  it.each<[string, ProviderAdapter, Task, object]>([
    ["no choices", openai, "chat", { choices: [] }],
    ["a choice without a message", openai, "chat", chosen({ index: 0, finish_reason: "stop" })],
    ["a message of nothing without an end", openai, "chat", chosen({ message: { role: "assistant" } })],
    ["no choices of text", openai, "completions", { choices: [] }],
    ["no choices at Cloudflare", workersAi, "chat", { choices: [] }],
    ["neither response nor calls", workersAi, "chat", { usage: { total_tokens: 3 } }],
    ["an empty message without an end", anthropic, "messages", message],
    ["the same, to be translated", anthropic, "chat", message],
    ["no candidates", google, "chat", { usageMetadata: {} }],
    ["an empty candidate without an end", google, "chat", { candidates: [{ content: { parts: [] } }] }],
    ["no output and no status", openai, "responses", { object: "response", output: [] }],
    ["too few vectors", openai, "embeddings", vectors(vector(0, [1]))],
    ["no vectors", openai, "embeddings", vectors()],
    ["a null vector", openai, "embeddings", vectors(vector(0, [1]), vector(1, null))],
    ["a vector of nulls", openai, "embeddings", vectors(vector(0, [1]), vector(1, [null]))],
    ["an empty vector", openai, "embeddings", vectors(vector(0, []), vector(1, []))],
    ["ragged vectors", openai, "embeddings", vectors(vector(0, [1, 2]), vector(1, [1]))],
    ["ragged text", openai, "embeddings", vectors(vector(0, "AAAAPw=="), vector(1, "AAA="))],
    ["an index twice", openai, "embeddings", vectors(vector(0, [1]), vector(0, [2]))],
    ["an index out of range", openai, "embeddings", vectors(vector(1, [1]), vector(2, [2]))],
    ["too few of Google's", google, "embeddings", { embeddings: [{ values: [1] }] }],
    ["empty ones of Google's", google, "embeddings", { embeddings: [{ values: [] }, { values: [] }] }],
    ["ragged ones of Google's", google, "embeddings", { embeddings: [{ values: [1] }, { values: [1, 2] }] }],
    ["ragged ones of Cloudflare's", workersAi, "embeddings", { data: [[1], [1, 2]] }],
    ["ragged ones of a server of one's own", own, "embeddings", [[1], [1, 2]]],
    ["too few ranked", openai, "rerank", ranked(0, 1)],
    ["one ranked twice", openai, "rerank", ranked(0, 1, 1)],
    ["what was not there ranked", openai, "rerank", ranked(0, 1, 3)],
    ["too few verdicts", openai, "moderations", { results: [{ flagged: false }] }],
    ["no pictures", openai, "images", { created: 1, data: [] }],
  ])("%s", (_, adapter, task, answer) => {
    expect(faultOf(adapter, task, answer)).toBeTypeOf("string");
  });
});

describe("what is an answer, though it says little", () => {
  const empty = { index: 0, message: { role: "assistant", content: "" }, finish_reason: "stop" };
  const called = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
  it.each<[string, ProviderAdapter, Task, object, object?]>([
    ["an empty text that ended", openai, "chat", chosen(empty)],
    ["thinking that took all tokens", openai, "chat", chosen({ index: 0, finish_reason: "length" })],
    ["a call and no end", openai, "chat", chosen({ message: { tool_calls: [called] } })],
    ["an empty response", workersAi, "chat", { response: "" }],
    ["an empty turn after a tool's result", anthropic, "messages", { ...message, stop_reason: "end_turn" }],
    ["the same, translated", anthropic, "chat", { ...message, stop_reason: "end_turn" }],
    ["a prompt that was blocked", google, "chat", { promptFeedback: { blockReason: "SAFETY" } }],
    ["a candidate that only stopped", google, "chat", { candidates: [{ finishReason: "STOP" }] }],
    ["no output yet", openai, "responses", { object: "response", status: "queued", output: [] }],
    ["vectors in another order", openai, "embeddings", vectors(vector(1, [1]), vector(0, [2]))],
    ["vectors without indices", openai, "embeddings", vectors({ embedding: [1] }, { embedding: [2] })],
    ["0 left out", openai, "embeddings", vectors({ embedding: [1] }, vector(1, [2]))],
    ["one text's tokens", openai, "embeddings", vectors(vector(0, [1])), { input: [1, 2, 3] }],
    ["the best ranked only", openai, "rerank", ranked(2), { top_n: 1 }],
    ["the same by a server's own name", openai, "rerank", ranked(2), { top_k: 1 }],
    [
      "one verdict for a text with a picture",
      openai,
      "moderations",
      { results: [{ flagged: true }] },
      { input: [{ type: "text" }, { type: "image_url" }] },
    ],
    ["a picture's address", openai, "images", { data: [{ url: "https://pictures.example/1" }] }],
  ])("%s", (...[, adapter, task, answer, change]) => {
    expect(faultOf(adapter, task, answer, change)).toBeUndefined();
  });
});

describe("a stream that ends well", () => {
  const chunk = (choice: object) => ({ id: "c", object: "chat.completion.chunk", choices: [choice] });
  const role = chunk({ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null });
  const end = chunk({ index: 0, delta: {}, finish_reason: "stop" });
  const begun = { type: "message_start", message: { id: "m", model: "m", usage: {} } };
  const stop = { type: "message_stop" };
  const why = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: {} };
  const completed = { type: "response.completed", response: { output: [], usage: null } };
  it.each<[string, ProviderAdapter, Task, readonly (object | string)[], boolean]>([
    ["with nothing but its end", openai, "chat", ["[DONE]"], false],
    ["with objects of no known kind", openai, "chat", [{ ping: 1 }, { object: "other" }, "[DONE]"], false],
    ["with a role only", openai, "chat", [role, "[DONE]"], false],
    ["with a role and a reason", openai, "chat", [role, end, "[DONE]"], true],
    ["with a role only, in another dialect", withDialects(openai), "messages", [role, "[DONE]"], false],
    ["with Cloudflare's objects of no known kind", workersAi, "chat", [{ ping: 1 }, "[DONE]"], false],
    ["with an empty response", workersAi, "chat", [{ response: "" }, "[DONE]"], true],
    ["with Anthropic's frame only", anthropic, "messages", [begun, stop], false],
    ["with Anthropic's frame and a reason", anthropic, "messages", [begun, why, stop], true],
    ["with Anthropic's frame only, translated", anthropic, "chat", [begun, stop], false],
    ["with Anthropic's frame and a reason, translated", anthropic, "chat", [begun, why, stop], true],
    ["without a response", openai, "responses", [{ type: "response.completed" }], false],
    ["with an empty response of OpenAI's", openai, "responses", [completed], true],
    ["without candidates", google, "chat", [{ usageMetadata: {} }], false],
  ])("%s", (...[, adapter, task, events, isAnswer]) => {
    expect(isWhole(adapter, task, events)).toBe(isAnswer);
  });
});
