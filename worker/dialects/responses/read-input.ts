import type { TaskRequests } from "../../contract/requests.ts";
import {
  assistantMessage,
  type ChatCall,
  type ChatMessage,
  type ContentPart,
  joinContent,
  textPart,
  writeContent,
} from "../chat-message.ts";
import { notInChat, quote, type Refusals } from "../refusals.ts";
import * as items from "./items.ts";

type Input = TaskRequests["responses"]["input"];

/** Reads a request's input as the messages of a chat. */
export function readInput(input: Input, refusals: Refusals): ChatMessage[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const messages = input.flatMap((item, index) => readItem(item, `input[${index}]`, refusals));
  return joinCalls(messages);
}

function readItem(item: Readonly<Record<string, unknown>>, path: string, refusals: Refusals): ChatMessage[] {
  switch (item["type"]) {
    case undefined:
    case "message":
      return readMessage(item, path, refusals);
    case "function_call":
      return readCall(item, path, refusals);
    case "function_call_output":
      return readOutput(item, path, refusals);
    case "reasoning":
      // The thinking of earlier turns is not sent again, for chat has no field for it.
      return [];
    default:
      return refusals.refuse(path, notInChat(`an item of type ${quote(item["type"])}`));
  }
}

function readMessage(item: object, path: string, refusals: Refusals): ChatMessage[] {
  const message = refusals.read(items.messageItem, item, path);
  if (!message) return [];
  const { role, content } = message;
  const parts = readParts(content, `${path}.content`, refusals);
  if (role === "assistant") return [assistantMessage(joinContent(parts, ""), [])];
  // Every server knows "system"; OpenAI's newer models take it for "developer".
  return [{ role: role === "developer" ? "system" : role, content: writeContent(parts) }];
}

function readCall(item: object, path: string, refusals: Refusals): ChatMessage[] {
  const call = refusals.read(items.functionCall, item, path);
  if (!call) return [];
  const { call_id: id, name, arguments: json } = call;
  return [assistantMessage("", [{ id, type: "function", function: { name, arguments: json } }])];
}

function readOutput(item: object, path: string, refusals: Refusals): ChatMessage[] {
  const answered = refusals.read(items.functionCallOutput, item, path);
  if (!answered) return [];
  const parts = readParts(answered.output, `${path}.output`, refusals);
  return [{ role: "tool", tool_call_id: answered.call_id, content: joinContent(parts, "\n") }];
}

function readParts(content: string | readonly object[], path: string, refusals: Refusals): ContentPart[] {
  if (typeof content === "string") return [textPart(content)];
  return content.flatMap((part, index) => readPart(part, `${path}[${index}]`, refusals));
}

function readPart(part: object, path: string, refusals: Refusals): ContentPart[] {
  const type = "type" in part ? part.type : undefined;
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
      return toList(refusals.read(items.inputText, part, path), ({ text }) => textPart(text));
    case "refusal":
      return toList(refusals.read(items.inputRefusal, part, path), ({ refusal }) => textPart(refusal));
    case "input_image":
      return toList(refusals.read(items.inputImage, part, path), ({ image_url: url, detail }) => ({
        type: "image_url",
        image_url: { url, ...(typeof detail === "string" ? { detail } : {}) },
      }));
    case "input_file":
      return toList(refusals.read(items.inputFile, part, path), ({ file_data, filename }) => ({
        type: "file",
        file: { file_data, ...(typeof filename === "string" ? { filename } : {}) },
      }));
    case "input_audio":
      return toList(refusals.read(items.inputAudio, part, path), ({ input_audio }) => ({
        type: "input_audio",
        input_audio,
      }));
    default:
      return refusals.refuse(path, notInChat(`content of type ${quote(type)}`));
  }
}

const toList = <T, U>(value: T | undefined, make: (value: T) => U): U[] =>
  value === undefined ? [] : [make(value)];

/** Calls follow what was said before them in the same message, and one another. */
function joinCalls(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    const calls = message["tool_calls"] as readonly ChatCall[] | undefined;
    if (calls && last?.role === "assistant") {
      const earlier = (last["tool_calls"] ?? []) as readonly ChatCall[];
      joined[joined.length - 1] = { ...last, tool_calls: [...earlier, ...calls] };
    } else joined.push(message);
  }
  return joined;
}
