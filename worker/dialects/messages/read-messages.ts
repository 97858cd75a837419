import type { TaskRequests } from "../../contract/requests.ts";
import {
  assistantMessage,
  type ChatCall,
  type ChatMessage,
  type ContentPart,
  joinContent,
  markOf,
  textPart,
  writeContent,
} from "../chat-message.ts";
import type { UnavailableTools } from "../dialect.ts";
import { notInChat, quote, type Refusals } from "../refusals.ts";
import * as blocks from "./blocks.ts";
import { readPart } from "./read-parts.ts";

type Messages = TaskRequests["messages"]["messages"];
type Block = { readonly type: string };

/** Reads the turns of a conversation as the messages of a chat. */
export const readMessages = (
  messages: Messages,
  refusals: Refusals,
  unavailableTools: UnavailableTools,
): ChatMessage[] =>
  messages.flatMap((each, index) => {
    const path = `messages[${index}]`;
    const message = refusals.read(blocks.message, each, path);
    if (!message) return [];
    const { role, content } = message;
    if (typeof content === "string") return [{ role, content }];
    const read = role === "assistant" ? readAssistant : readUser;
    return read({ role, content, path: `${path}.content`, unavailableTools }, refusals);
  });

interface Said {
  readonly role: string;
  readonly content: readonly Block[];
  readonly path: string;
  readonly unavailableTools: UnavailableTools;
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
  const last = parts.pop();
  const marked = last ? [...parts, { ...last, ...markOf(result) }] : parts;
  return [{ role: "tool", tool_call_id: tool_use_id, content: joinContent(marked, "\n") }];
}

/** What an assistant's turn is put together from. */
interface Turn {
  readonly texts: ContentPart[];
  readonly calls: ChatCall[];
  thought: string | undefined;
}

function readAssistant({ content, path, unavailableTools }: Said, refusals: Refusals): ChatMessage[] {
  const turn: Turn = { texts: [], calls: [], thought: undefined };
  for (const [index, block] of content.entries()) {
    const at = `${path}[${index}]`;
    const isKnown = addBlock(turn, block, at, refusals);
    const isLeftOut = BUILT_IN.test(block.type) && unavailableTools === "leave_out";
    if (!isKnown && !isLeftOut) refusals.refuse(at, notInChat(`a block of type ${quote(block.type)}`));
  }
  const { texts, calls, thought } = turn;
  if (texts.length === 0 && calls.length === 0) return [];
  return [assistantMessage(joinContent(texts, ""), calls, thought)];
}

/** What a tool of Anthropic's own servers was asked, and what it has found. */
const BUILT_IN = /^server_tool_use$|_tool_result$|^mcp_tool_use$/;

function addBlock(turn: Turn, block: Block, path: string, refusals: Refusals): boolean {
  switch (block.type) {
    case "text": {
      const read = refusals.read(blocks.text, block, path);
      if (read && read.text !== "") turn.texts.push({ ...textPart(read.text), ...markOf(read) });
      return true;
    }
    case "tool_use":
      turn.calls.push(...readCall(block, path, refusals));
      return true;
    case "thinking":
      turn.thought = (turn.thought ?? "") + (refusals.read(blocks.thinking, block, path)?.thinking ?? "");
      return true;
    default:
      // Only Anthropic can read it.
      return block.type === "redacted_thinking";
  }
}

function readCall(block: Block, path: string, refusals: Refusals): ChatCall[] {
  const call = refusals.read(blocks.toolUse, block, path);
  if (!call) return [];
  const { id, name, input } = call;
  return [{ id, type: "function", function: { name, arguments: JSON.stringify(input) } }];
}
