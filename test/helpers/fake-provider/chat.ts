import { buildExample } from "./example.ts";
import { asObject, asText, countTokens, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

const CREATED = 1_700_000_000;

/** Everything about an answer that does not depend on whether it is streamed. */
interface Answer {
  readonly base: JsonObject;
  readonly message: JsonObject;
  readonly pieces: readonly JsonObject[];
  readonly finishReason: "stop" | "tool_calls";
  readonly usage: JsonObject;
}

/**
 * Answers `POST /v1/chat/completions` with `echo: <the last user message>`; with a call of the first
 * tool where `tool_choice` is "required", and after its result with `echo: <the result>`; with an
 * example of the schema that `response_format` gives. A user's line `!think <thought>` has it think first, and
 * `!call <tool> <json>` has it call that tool. A stream has one event a word.
 */
export function answerChat(body: JsonObject): Reply {
  if (!Array.isArray(body["messages"])) return failure(400, "'messages' is required.", "invalid_request");
  const answer = buildAnswer(body, body["messages"]);
  if (body["stream"] !== true) return ok(buildCompletion(answer));
  const withUsage = asObject(body["stream_options"])["include_usage"] === true;
  return { kind: "stream", events: buildChunks(answer, withUsage) };
}

function buildAnswer(body: JsonObject, messages: readonly unknown[]): Answer {
  const result = toolResult(messages);
  const prompt = result ?? lastUserText(messages);
  const call = result === undefined ? (scriptedCall(prompt) ?? requiredCall(body, prompt)) : undefined;
  const text = call?.json ?? writeText(body, prompt);
  const thought = result === undefined ? /^!think (.+)$/m.exec(prompt)?.[1] : undefined;
  const said = call === undefined ? sayText(text) : callTool(call.name, text);
  const promptTokens = messages.reduce<number>((sum, message) => sum + countTokens(textOf(message)), 0);
  return {
    base: { id: `chatcmpl-${promptTokens}-${text.length}`, created: CREATED, model: String(body["model"]) },
    ...(thought === undefined ? said : thinkFirst(thought, said)),
    usage: buildUsage(promptTokens, countTokens(text)),
  };
}

type Said = Pick<Answer, "message" | "pieces" | "finishReason">;

const thinkFirst = (thought: string, { message, pieces, finishReason }: Said): Said => ({
  message: { ...message, reasoning_content: thought },
  pieces: [{ reasoning_content: thought }, ...pieces],
  finishReason,
});

function sayText(text: string): Said {
  const words = text.match(/\s*\S+\s*$|\s*\S+/gu) ?? [];
  return {
    message: { role: "assistant", content: text },
    pieces: words.map((content) => ({ content })),
    finishReason: "stop",
  };
}

function callTool(name: string, text: string): Said {
  const call = { id: "call_1", type: "function", function: { name, arguments: text } };
  const head = { index: 0, ...call, function: { name, arguments: "" } };
  return {
    message: { role: "assistant", content: null, tool_calls: [call] },
    pieces: [{ tool_calls: [head] }, { tool_calls: [{ index: 0, function: { arguments: text } }] }],
    finishReason: "tool_calls",
  };
}

function buildCompletion(answer: Answer): JsonObject {
  const choice = { index: 0, message: answer.message, finish_reason: answer.finishReason, logprobs: null };
  return { ...answer.base, object: "chat.completion", choices: [choice], usage: answer.usage };
}

function buildChunks(answer: Answer, withUsage: boolean): readonly JsonObject[] {
  const chunk = (delta: JsonObject, finishReason: string | null): JsonObject => ({
    ...answer.base,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...(withUsage ? { usage: null } : {}),
  });
  return [
    chunk({ role: "assistant", content: "" }, null),
    ...answer.pieces.map((piece) => chunk(piece, null)),
    chunk({}, answer.finishReason),
    ...(withUsage ? [{ ...chunk({}, null), choices: [], usage: answer.usage }] : []),
  ];
}

function buildUsage(promptTokens: number, completionTokens: number): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

interface Call {
  readonly name: string;
  readonly json: string;
}

function scriptedCall(prompt: string): Call | undefined {
  const [, name, json] = /^!call (\S+) (.+)$/m.exec(prompt) ?? [];
  return name === undefined || json === undefined ? undefined : { name, json };
}

function requiredCall(body: JsonObject, prompt: string): Call | undefined {
  if (body["tool_choice"] !== "required" || !Array.isArray(body["tools"])) return undefined;
  const name = asObject(asObject(body["tools"][0])["function"])["name"];
  return typeof name === "string" ? { name, json: JSON.stringify({ text: prompt }) } : undefined;
}

/** What the tool gave, where the conversation ends with that. */
function toolResult(messages: readonly unknown[]): string | undefined {
  const last = messages.at(-1);
  return asObject(last)["role"] === "tool" ? textOf(last) : undefined;
}

function writeText(body: JsonObject, prompt: string): string {
  const format = asObject(body["response_format"]);
  if (format["type"] !== "json_schema") return `echo: ${prompt}`;
  return JSON.stringify(buildExample(asObject(format["json_schema"])["schema"], prompt));
}

function lastUserText(messages: readonly unknown[]): string {
  return textOf(messages.findLast((message) => asObject(message)["role"] === "user"));
}

function textOf(message: unknown): string {
  const content = asObject(message)["content"];
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => asText(asObject(part)["text"])).join("");
}
