import type { TaskRequests } from "../../contract/requests.ts";
import type { JsonObject } from "../../domain/requests/json-object.ts";
import { assistantMessage, type ChatMessage, joinContent, writeContent } from "../chat-message.ts";
import type { UnavailableTools } from "../dialect.ts";
import { notInChat, quote, type Refusals } from "../refusals.ts";
import { unpackThinking } from "./carry-thinking.ts";
import * as items from "./items.ts";
import { joinTurns } from "./join-turns.ts";
import { readParts } from "./read-parts.ts";
import { bringsTools, type Offered, writeFreeText } from "./tools.ts";

type Input = NonNullable<TaskRequests["responses"]["input"]>;

/** What the items of an input are read with. */
export interface InputReading {
  readonly refusals: Refusals;
  readonly unavailableTools: UnavailableTools;
  readonly offered: readonly Offered[];
}

/** Reads a request's input as the messages of a chat. */
export function readInput(input: Input, reading: InputReading): ChatMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const messages = input.flatMap((item, index) => readItem(item, `input[${index}]`, reading));
  return joinTurns(messages);
}

function readItem(item: JsonObject, path: string, reading: InputReading): ChatMessage[] {
  switch (item["type"]) {
    case undefined:
    case "message":
      return readMessage(item, path, reading);
    case "function_call":
    case "custom_tool_call":
      return readCall(item, path, reading);
    case "function_call_output":
    case "custom_tool_call_output":
      return readOutput(item, path, reading);
    case "reasoning":
      return readReasoning(item, path, reading);
    case "item_reference":
      return readReference(item, path, reading);
    default:
      return readOther(item, path, reading);
  }
}

function readMessage(item: object, path: string, { refusals }: InputReading): ChatMessage[] {
  const message = refusals.read(items.messageItem, item, path);
  if (!message) return [];
  const { role, content } = message;
  const parts = readParts(content, `${path}.content`, refusals);
  if (role === "assistant") return [assistantMessage(joinContent(parts, ""), [])];
  if (role === "user") return [{ role, content: writeContent(parts) }];
  // Every server knows "system", of one text; OpenAI's newer models take it for "developer".
  return [{ role: "system", content: joinContent(parts, "\n\n") }];
}

function readCall(item: JsonObject, path: string, { refusals, offered }: InputReading): ChatMessage[] {
  const isCustom = item["type"] === "custom_tool_call";
  const custom = isCustom ? refusals.read(items.customCall, item, path) : undefined;
  const call = custom
    ? { ...custom, namespace: undefined, arguments: writeFreeText(custom.input) }
    : !isCustom && refusals.read(items.functionCall, item, path);
  if (!call) return [];
  const { call_id: id, arguments: json } = call;
  const name = chatNameOf(call, offered);
  return [assistantMessage("", [{ id, type: "function", function: { name, arguments: json } }])];
}

interface Named {
  readonly name: string;
  readonly namespace?: string | null | undefined;
}

/** What a called tool is called in the chat; its own name where it is no longer offered. */
const chatNameOf = ({ name, namespace }: Named, offered: readonly Offered[]): string =>
  offered.find((each) => each.name === name && each.namespace === (namespace ?? undefined))?.chatName ?? name;

/** A result has its tool's name as well, which is needed where its call is missing. */
function readOutput(item: object, path: string, { refusals, offered }: InputReading): ChatMessage[] {
  const answered = refusals.read(items.functionCallOutput, item, path);
  if (!answered) return [];
  const { call_id, name, namespace, output } = answered;
  const parts = readParts(output, `${path}.output`, refusals);
  const only = offered.length === 1 ? offered[0]?.chatName : undefined;
  const of = name ? chatNameOf({ name, namespace }, offered) : (only ?? "unknown_tool");
  return [{ role: "tool", tool_call_id: call_id, content: joinContent(parts, "\n"), name: of }];
}

/** Earlier thinking, as it was said or as the client has carried it; not every server takes it. */
function readReasoning(item: object, path: string, { refusals }: InputReading): ChatMessage[] {
  const read = refusals.read(items.reasoning, item, path);
  if (!read) return [];
  const { content, summary, encrypted_content: packed } = read;
  const said = content?.length ? content : summary;
  const text = (packed && unpackThinking(packed)) || (said ?? []).map((part) => part.text).join("");
  return text === "" ? [] : [assistantMessage("", [], text)];
}

/**
 * An item that the gateway no longer has. Thinking and calls are done without (a call's result tells of it);
 * a text cannot be.
 */
function readReference(item: object, path: string, { refusals }: InputReading): ChatMessage[] {
  const reference = refusals.read(items.itemReference, item, path);
  if (!reference || /^(rs|fc|ctc)_/.test(reference.id)) return [];
  const message = `there is no item ${quote(reference.id)} here any more: send the item itself, as clients do with store: false`;
  return refusals.refuse(path, message);
}

/** What a built-in tool has done is left out where the tool is. */
function readOther(
  item: JsonObject,
  path: string,
  { refusals, unavailableTools }: InputReading,
): ChatMessage[] {
  if (bringsTools(item)) return [];
  const { type } = item;
  const isBuiltIn = typeof type === "string" && BUILT_IN.test(type);
  if (isBuiltIn && unavailableTools === "leave_out") return [];
  return refusals.refuse(path, notInChat(`an item of type ${quote(type)}`));
}

const BUILT_IN = /_call(_output)?$|^mcp_/;
