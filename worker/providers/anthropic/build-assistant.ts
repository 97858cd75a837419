import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { buildContent, cacheControl, type Content } from "./build-content.ts";
import { asObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { isUnsigned } from "./leave-out-unsigned.ts";
import { refuse } from "./refuse.ts";

type ChatMessage = ChatRequest["messages"][number];

/**
 * Translates what the model said before: its thinking first, where the client has kept it (see
 * `read-message.ts`), then its words, then its calls of tools.
 */
export function buildAssistant(message: ChatMessage, field: string): Result<Content, AnswerFailure> {
  if (message["function_call"]) return refuse(`${field}.function_call`, "call functions by tool_calls");
  const said = buildContent(message["content"] ?? message["refusal"] ?? "", `${field}.content`);
  if (!said.ok) return said;
  const calls = buildToolUses(message["tool_calls"], `${field}.tool_calls`);
  if (!calls.ok) return calls;
  const thoughts = readThoughts(message);
  if (typeof said.value !== "string") return ok([...thoughts, ...said.value, ...calls.value]);
  if (thoughts.length === 0 && calls.value.length === 0) return ok(said.value);
  const text = said.value === "" ? [] : [{ type: "text", text: said.value }];
  return ok([...thoughts, ...text, ...calls.value]);
}

/** The thinking of an earlier answer of Claude's, as it was given out; Anthropic refuses it with any field more. */
export function readThoughts(message: ChatMessage): readonly JsonObject[] {
  const blocks: unknown = message["thinking_blocks"];
  if (!Array.isArray(blocks)) return [];
  return (blocks as readonly unknown[]).flatMap((block): JsonObject[] => {
    const { type, thinking, signature, data } = asObject(block);
    if (isUnsigned(asObject(block))) return [];
    if (type === "redacted_thinking") return [{ type, data }];
    return type === "thinking" ? [{ type, thinking, signature }] : [];
  });
}

function buildToolUses(calls: unknown, field: string): Result<readonly JsonObject[], AnswerFailure> {
  if (calls === undefined || calls === null) return ok([]);
  if (!Array.isArray(calls)) return refuse(field, "expected a list of calls");
  const blocks: JsonObject[] = [];
  for (const [index, call] of (calls as readonly unknown[]).entries()) {
    const { id, function: called } = asObject(call);
    const { name, arguments: text } = asObject(called);
    const place = `${field}[${index}]`;
    if (typeof id !== "string") return refuse(`${place}.id`, "expected the id of a call");
    if (typeof name !== "string") return refuse(`${place}.function.name`, "expected a function's name");
    const input = parseArguments(text);
    if (!input) return refuse(`${place}.function.arguments`, "expected the JSON text of an object");
    blocks.push({ type: "tool_use", id, name, input, ...cacheControl(asObject(call)) });
  }
  return ok(blocks);
}

/** A function without parameters is called with "{}", by some models with nothing at all. */
function parseArguments(text: unknown): JsonObject | undefined {
  if (text === "" || text === undefined || text === null) return {};
  return typeof text === "string" ? readJsonObject(text) : undefined;
}
