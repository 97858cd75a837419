import { asObject, asText, countTokens, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/** Of every prompt these many tokens come from the provider's cache, and go to it. */
const CACHE = { cache_read_input_tokens: 3, cache_creation_input_tokens: 2 };

/** An answer's blocks, and the deltas that a stream has each of them in. */
interface Block {
  readonly start: JsonObject;
  readonly whole: JsonObject;
  readonly deltas: readonly JsonObject[];
}

/**
 * Answers `POST /v1/messages` with `echo: <the last user message>`, or with a call of each tool where
 * `tool_choice` is "any". A stream has one delta a word, and its events are named as Anthropic's are.
 */
export function answerMessages(body: JsonObject): Reply {
  const messages: unknown = body["messages"];
  if (!Array.isArray(messages)) return refuse("messages: Field required");
  if (typeof body["max_tokens"] !== "number") return refuse("max_tokens: Field required");
  const prompt = lastUserText(messages);
  const tools = asObject(body["tool_choice"])["type"] === "any" ? body["tools"] : [];
  const calls = (Array.isArray(tools) ? tools : []).map((tool, index) => callTool(tool, index, prompt));
  const blocks = calls.length > 0 ? calls : [sayText(`echo: ${prompt}`)];
  const message = {
    id: `msg_${prompt.length}`,
    type: "message",
    role: "assistant",
    model: String(body["model"]),
    content: blocks.map(({ whole }) => whole),
    stop_reason: calls.length > 0 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: countTokens(prompt), output_tokens: countTokens(prompt) + 1, ...CACHE },
  };
  return body["stream"] === true ? stream(message, blocks) : ok(message);
}

/** Answers `POST /v1/messages/count_tokens` with the words of the last user message, and a thousand. */
export function answerTokenCount(body: JsonObject): Reply {
  const messages: unknown = body["messages"];
  if (!Array.isArray(messages)) return refuse("messages: Field required");
  return ok({ input_tokens: 1000 + countTokens(lastUserText(messages)) });
}

function sayText(text: string): Block {
  const words = text.match(/\s*\S+\s*$|\s*\S+/gu) ?? [];
  return {
    start: { type: "text", text: "" },
    whole: { type: "text", text },
    deltas: words.map((word) => ({ type: "text_delta", text: word })),
  };
}

function callTool(tool: unknown, index: number, prompt: string): Block {
  const call = { type: "tool_use", id: `toolu_${index}`, name: asObject(tool)["name"] };
  const json = JSON.stringify({ text: prompt });
  return {
    start: { ...call, input: {} },
    whole: { ...call, input: { text: prompt } },
    deltas: ["", json.slice(0, 5), json.slice(5)].map((part) => ({
      type: "input_json_delta",
      partial_json: part,
    })),
  };
}

function stream(message: JsonObject, blocks: readonly Block[]): Reply {
  const { stop_reason: stopReason, usage } = message;
  const start = {
    ...message,
    content: [],
    stop_reason: null,
    usage: { ...asObject(usage), output_tokens: 1 },
  };
  const events: readonly JsonObject[] = [
    { type: "message_start", message: start },
    { type: "ping" },
    ...blocks.flatMap(({ start: block, deltas }, index) => [
      { type: "content_block_start", index, content_block: block },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    { type: "message_delta", delta: { stop_reason: stopReason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  const parts = events.map((event) =>
    Buffer.from(`event: ${asText(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`),
  );
  return { kind: "bytes", contentType: "text/event-stream; charset=utf-8", parts };
}

function refuse(message: string): Reply {
  const error = { type: "invalid_request_error", message };
  return { kind: "json", status: 400, body: { type: "error", error, request_id: "req_fake" } };
}

function lastUserText(messages: readonly unknown[]): string {
  const content = asObject(messages.findLast((message) => asObject(message)["role"] === "user"))["content"];
  if (!Array.isArray(content)) return asText(content);
  return content
    .map((part) => asObject(part))
    .map(({ text, content: result }) => asText(text) || asText(result))
    .join("");
}
