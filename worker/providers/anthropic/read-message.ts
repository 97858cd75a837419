import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { JsonObject } from "../../domain/requests/json-object.ts";
import { translateUsage } from "./read-usage.ts";
import { type Message, parseMessage, type ThinkingBlock } from "./schema.ts";
import { translateStopReason } from "./stop-reason.ts";

/** An answer's blocks, sorted by where OpenAI has them. */
interface Sorted {
  text: string;
  readonly toolCalls: JsonObject[];
  readonly thinking: ThinkingBlock[];
}

/**
 * Translates a message to a chat completion. Thinking is in it twice: as `reasoning_content`, for people to
 * read, and as `thinking_blocks`, which the model continues from where the client sends them back with the
 * message. `createdAt` is in seconds since the epoch.
 */
export function readMessage(text: string, createdAt: number): Result<Answer, AnswerFailure> {
  const parsed = parseMessage(text);
  if (!parsed.ok) return parsed;
  const message = parsed.value;
  const sorted: Sorted = { text: "", toolCalls: [], thinking: [] };
  for (const block of message.content) {
    if (!sortBlock(block, sorted))
      return err({ kind: "invalid_response", reason: `a ${block.type.slice(0, 40)} without its fields` });
  }
  const usage = message.usage ? translateUsage(message.usage) : null;
  const completion = {
    id: message.id,
    object: "chat.completion",
    created: createdAt,
    model: message.model,
    choices: [
      {
        index: 0,
        message: buildAnswer(message, sorted),
        logprobs: null,
        finish_reason: translateStopReason(message.stop_reason),
      },
    ],
    ...(usage ? { usage } : {}),
  };
  return ok({ body: JSON.stringify(completion), usage });
}

/**
 * The results of Anthropic's own tools (searches, code) are left out, for a chat completion has no field for
 * them.
 */
function sortBlock(block: Message["content"][number], sorted: Sorted): boolean {
  const { text, thinking, signature, data, id, name, input } = block;
  if (block.type === "text") {
    if (typeof text !== "string") return false;
    sorted.text += text;
  } else if (block.type === "tool_use") {
    if (typeof id !== "string" || typeof name !== "string" || input === undefined) return false;
    const called = { name, arguments: JSON.stringify(input) };
    sorted.toolCalls.push({ id, type: "function", function: called });
  } else if (block.type === "thinking") {
    if (typeof thinking !== "string") return false;
    sorted.thinking.push({
      type: "thinking",
      thinking,
      signature: typeof signature === "string" ? signature : "",
    });
  } else if (block.type === "redacted_thinking" && typeof data === "string") {
    sorted.thinking.push({ type: "redacted_thinking", data });
  }
  return true;
}

function buildAnswer(message: Message, { text, toolCalls, thinking }: Sorted): JsonObject {
  const thoughts = thinking.map((block) => (block.type === "thinking" ? block.thinking : "")).join("");
  return {
    role: "assistant",
    content: text === "" && toolCalls.length > 0 ? null : text,
    refusal: message.stop_details?.explanation ?? null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    ...(thoughts === "" ? {} : { reasoning_content: thoughts }),
    ...(thinking.length > 0 ? { thinking_blocks: thinking } : {}),
  };
}
