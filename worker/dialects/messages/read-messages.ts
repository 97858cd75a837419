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
import * as blocks from "./blocks.ts";

type Messages = TaskRequests["messages"]["messages"];
type Block = { readonly type: string };

/** Reads the turns of a conversation as the messages of a chat. */
export const readMessages = (messages: Messages, refusals: Refusals): ChatMessage[] =>
  messages.flatMap((each, index) => {
    const path = `messages[${index}]`;
    const message = refusals.read(blocks.message, each, path);
    if (!message) return [];
    const { role, content } = message;
    if (typeof content === "string") return [{ role, content }];
    const read = role === "assistant" ? readAssistant : readUser;
    return read({ role, content, path: `${path}.content` }, refusals);
  });

interface Said {
  readonly role: string;
  readonly content: readonly Block[];
  readonly path: string;
}

/** The results of tools are separate messages in chat, and come before the user's other content. */
function readUser({ role, content, path }: Said, refusals: Refusals): ChatMessage[] {
  const results: ChatMessage[] = [];
  const parts: ContentPart[] = [];
  for (const [index, block] of content.entries()) {
    const at = `${path}[${index}]`;
    if (block.type === "tool_result") results.push(...readResult(block, at, refusals));
    else parts.push(...readPart(block, at, refusals));
  }
  const said = parts.length > 0 ? [{ role, content: writeContent(parts) }] : [];
  return [...results, ...said];
}

function readResult(block: Block, path: string, refusals: Refusals): ChatMessage[] {
  const result = refusals.read(blocks.toolResult, block, path);
  if (!result) return [];
  const { tool_use_id, content } = result;
  const parts =
    typeof content === "string"
      ? [textPart(content)]
      : (content ?? []).flatMap((each, index) => readPart(each, `${path}.content[${index}]`, refusals));
  return [{ role: "tool", tool_call_id: tool_use_id, content: joinContent(parts, "\n") }];
}

function readAssistant({ content, path }: Said, refusals: Refusals): ChatMessage[] {
  const calls: ChatCall[] = [];
  let said = "";
  for (const [index, block] of content.entries()) {
    const at = `${path}[${index}]`;
    // The thinking of earlier turns is not sent again, for chat has no field for it.
    if (block.type === "thinking" || block.type === "redacted_thinking") continue;
    if (block.type === "text") said += refusals.read(blocks.text, block, at)?.text ?? "";
    else if (block.type === "tool_use") calls.push(...readCall(block, at, refusals));
    else refusals.refuse(at, notInChat(`a block of type ${quote(block.type)}`));
  }
  return said === "" && calls.length === 0 ? [] : [assistantMessage(said, calls)];
}

function readCall(block: Block, path: string, refusals: Refusals): ChatCall[] {
  const call = refusals.read(blocks.toolUse, block, path);
  if (!call) return [];
  const { id, name, input } = call;
  return [{ id, type: "function", function: { name, arguments: JSON.stringify(input) } }];
}

function readPart(block: Block, path: string, refusals: Refusals): ContentPart[] {
  if (block.type === "text") {
    const read = refusals.read(blocks.text, block, path);
    return read ? [textPart(read.text)] : [];
  }
  if (block.type !== "image") return refusals.refuse(path, notInChat(`a block of type ${quote(block.type)}`));
  const source = refusals.read(blocks.image, block, path)?.source;
  const url = source && readImage(source, `${path}.source`, refusals);
  return url === undefined ? [] : [{ type: "image_url", image_url: { url } }];
}

function readImage(source: Block, path: string, refusals: Refusals): string | undefined {
  if (source.type === "url") return refusals.read(blocks.urlImage, source, path)?.url;
  if (source.type === "base64") {
    const image = refusals.read(blocks.base64Image, source, path);
    return image && `data:${image.media_type};base64,${image.data}`;
  }
  refusals.refuse(path, notInChat(`a source of type ${quote(source.type)}`));
  return undefined;
}
