import { assistantMessage, type ChatCall, type ChatMessage } from "../chat-message.ts";

/**
 * Joins what are separate items here and one message in chat: thinking with what came of it, calls with what
 * was said before or between them, and one another.
 */
export function joinTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last && isOneTurn(last, message)) joined[joined.length - 1] = join(last, message);
    else joined.push(message);
  }
  return giveCallsBack(joined.filter((message) => !isOnlyThought(message)));
}

const callsOf = (message: ChatMessage) => (message["tool_calls"] ?? []) as readonly ChatCall[];
const thoughtOf = (message: ChatMessage) => message["reasoning_content"] as string | undefined;
const textOf = ({ content }: ChatMessage) => (content === null ? "" : content) as string;

const isOnlyThought = (message: ChatMessage) =>
  thoughtOf(message) !== undefined && textOf(message) === "" && callsOf(message).length === 0;

function isOneTurn(last: ChatMessage, next: ChatMessage): boolean {
  const areTexts = [last, next].every(
    (each) => each.role === "assistant" && typeof textOf(each) === "string",
  );
  return areTexts && (isOnlyThought(last) || callsOf(last).length > 0 || callsOf(next).length > 0);
}

function join(last: ChatMessage, next: ChatMessage): ChatMessage {
  const text = [textOf(last), textOf(next)].filter((each) => each !== "").join("\n");
  const thoughts = [thoughtOf(last), thoughtOf(next)].filter((each) => each !== undefined);
  const thought = thoughts.length > 0 ? thoughts.join("\n") : undefined;
  return assistantMessage(text, [...callsOf(last), ...callsOf(next)], thought);
}

/**
 * No server takes the result of a call that is not there: clients leave it out where it was to be kept here,
 * or where they have shortened a conversation. Its arguments are not known then.
 */
function giveCallsBack(messages: readonly ChatMessage[]): ChatMessage[] {
  const called = new Set(messages.flatMap(callsOf).map(({ id }) => id));
  const whole: ChatMessage[] = [];
  for (const { name, ...message } of messages) {
    const id = String(message["tool_call_id"]);
    if (message.role === "tool" && !called.has(id)) addCall(whole, { id, name: String(name) });
    whole.push(message);
  }
  return whole;
}

function addCall(
  messages: ChatMessage[],
  { id, name }: { readonly id: string; readonly name: string },
): void {
  const call = { id, type: "function", function: { name, arguments: "{}" } } as const;
  // Results of calls that were made at once stand together, after all of them.
  const start = messages.findLastIndex(({ role }) => role !== "tool") + 1;
  const caller = messages[start - 1];
  const isCaller = caller && callsOf(caller).length > 0 && start < messages.length;
  if (isCaller) messages[start - 1] = join(caller, assistantMessage("", [call]));
  else messages.push(assistantMessage("", [call]));
}
