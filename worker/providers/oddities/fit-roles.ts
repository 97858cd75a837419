import { changeSome, type ChatMessage, type ChatMessages, GO_ON, isSystem, partsOf } from "./chat-message.ts";

/** Every server knows `system`; OpenAI's newer models take it for `developer`. */
export const developerAsSystem = (messages: ChatMessages): ChatMessages =>
  changeSome(
    messages,
    ({ role }) => role === "developer",
    (message) => ({ ...message, role: "system" }),
  );

/** Where nobody but the system speaks, the last that it says is the user's. */
export function systemAsUser(messages: ChatMessages): ChatMessages {
  const last = messages.at(-1);
  if (!last || !messages.every(isSystem)) return messages;
  return [...messages.slice(0, -1), { ...last, role: "user" }];
}

/** What the assistant says where a turn of its own must not be missing. */
const DONE: ChatMessage = { role: "assistant", content: "Done." };

/** Has the user begin a conversation that begins with the assistant. */
export function startWithUser(messages: ChatMessages): ChatMessages {
  const first = messages.findIndex((message) => !isSystem(message));
  return messages[first]?.role === "assistant" ? messages.toSpliced(first, 0, GO_ON) : messages;
}

/** Has the assistant speak between the results of tools and the user. */
export function assistantAfterTools(messages: ChatMessages): ChatMessages {
  const follows = ({ role }: ChatMessage, at: number) => role === "user" && messages[at - 1]?.role === "tool";
  if (!messages.some(follows)) return messages;
  return messages.flatMap((message, at) => (follows(message, at) ? [DONE, message] : [message]));
}

/** Marks the assistant's last turn as one to be continued, unless it calls tools. */
export function markContinued(messages: ChatMessages): ChatMessages {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last["tool_calls"] != null || last["prefix"] !== undefined)
    return messages;
  return [...messages.slice(0, -1), { ...last, prefix: true }];
}

/** Joins what one role says in several messages, as far as it is nothing but content. */
export function joinSameRole(messages: ChatMessages): ChatMessages {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (before && before.role === message.role && isPlain(before) && isPlain(message)) {
      joined[joined.length - 1] = { ...before, content: joinContents(before, message) };
    } else joined.push(message);
  }
  return joined.length === messages.length ? messages : joined;
}

const isPlain = ({ role, content, tool_calls: calls }: ChatMessage): boolean =>
  role !== "tool" && calls == null && (typeof content === "string" || Array.isArray(content));

function joinContents(first: ChatMessage, second: ChatMessage): unknown {
  const { content: before } = first;
  const { content: after } = second;
  if (typeof before === "string" && typeof after === "string") return `${before}\n\n${after}`;
  return [...toParts(first), ...toParts(second)];
}

const toParts = (message: ChatMessage): readonly unknown[] =>
  partsOf(message) ?? [{ type: "text", text: message["content"] }];
