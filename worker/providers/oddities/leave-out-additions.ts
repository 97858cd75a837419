import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { callsOf, changeSome, type ChatMessage, type ChatMessages, partsOf } from "./chat-message.ts";

/** What providers, and this gateway in their name, have added to OpenAI's messages, parts, calls and tools. */
const ADDITIONS: ReadonlySet<string> = new Set([
  "cache_control",
  "extra_content",
  "thinking_blocks",
  "reasoning_details",
  "annotations",
  "images",
  "is_error",
]);

const hasAddition = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  for (const name in value) if (ADDITIONS.has(name)) return true;
  return false;
};

/** An object without additions of its own. */
export const withoutAdditions = (value: unknown): unknown =>
  hasAddition(value)
    ? Object.fromEntries(Object.entries(value as JsonObject).filter(([name]) => !ADDITIONS.has(name)))
    : value;

/** Leaves out of messages what only other providers know. */
export const leaveOutAdditions = (messages: ChatMessages): ChatMessages =>
  changeSome(
    messages,
    (message) =>
      hasAddition(message) ||
      partsOf(message)?.some(hasAddition) === true ||
      callsOf(message).some(hasAddition),
    (message) => {
      const parts = partsOf(message)?.map(withoutAdditions);
      const calls = callsOf(message).map(withoutAdditions);
      return {
        ...(withoutAdditions(message) as ChatMessage),
        ...(parts ? { content: parts } : {}),
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      };
    },
  );
