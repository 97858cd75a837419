import {
  callsOf,
  changeSome,
  type ChatMessage,
  type ChatMessages,
  GO_ON,
  isText,
  partsOf,
} from "./chat-message.ts";

const isBlank = (text: unknown): boolean => (typeof text === "string" ? text.trim() === "" : text === null);

const isBlankPart = (part: unknown): boolean => isText(part) && isBlank(part.text);

/** What makes a message more than its content. */
const SAYS_MORE = ["refusal", "audio", "function_call", "thinking_blocks", "extra_content"];

const saysMore = (message: ChatMessage): boolean =>
  callsOf(message).length > 0 || SAYS_MORE.some((field) => message[field] != null);

function hasBlank(message: ChatMessage): boolean {
  const parts = partsOf(message);
  if (parts?.some(isBlankPart)) return true;
  return message.role !== "tool" && (parts ? parts.length === 0 : isBlank(message["content"]));
}

/**
 * Leaves out texts of nothing but white space, and messages of which nothing is left. The result of a tool
 * stays, for its call waits for one; where the user's last word is nothing, the assistant is asked to go on.
 */
export function leaveOutBlank(messages: ChatMessages): ChatMessages {
  if (!messages.some(hasBlank)) return messages;
  const left = messages.map(withoutBlank).filter((message) => message !== undefined);
  const isAnswered = left.at(-1)?.role === "assistant" && messages.at(-1)?.role === "user";
  return isAnswered ? [...left, GO_ON] : left;
}

function withoutBlank(message: ChatMessage): ChatMessage | undefined {
  if (!hasBlank(message)) return message;
  const parts = (partsOf(message) ?? []).filter((part) => !isBlankPart(part));
  if (parts.length > 0) return { ...message, content: parts };
  if (message.role === "tool") return { ...message, content: "" };
  return saysMore(message) ? { ...message, content: null } : undefined;
}

/** Sends content that is nothing but texts as one text. */
export const joinTextParts = (messages: ChatMessages): ChatMessages =>
  changeSome(
    messages,
    (message) => partsOf(message)?.every(isText) === true,
    (message) => ({
      ...message,
      content: (partsOf(message) ?? []).map((part) => (isText(part) ? part.text : "")).join("\n"),
    }),
  );

/** Cuts the white space at the end of the assistant's last turn. */
export function trimLast(messages: ChatMessages): ChatMessages {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || callsOf(last).length > 0) return messages;
  return changeSome(
    messages,
    (message) => message === last,
    () => trimEnd(last),
  );
}

function trimEnd(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === "string") return { ...message, content: content.trimEnd() };
  const parts = partsOf(message);
  const end = parts?.at(-1);
  if (!parts || !isText(end)) return message;
  return { ...message, content: [...parts.slice(0, -1), { ...end, text: end.text.trimEnd() }] };
}
