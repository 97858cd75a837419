import type { ChatRequest } from "../../contract/requests.ts";
import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";

export type ChatMessage = ChatRequest["messages"][number];
export type ChatMessages = readonly ChatMessage[];

/** One step in fitting a conversation; gives the same list where there is nothing to do. */
export type FitMessages = (messages: ChatMessages) => ChatMessages;

/** What the user says where a turn of the user's must not be missing. */
export const GO_ON: ChatMessage = { role: "user", content: "Continue." };

export const isSystem = ({ role }: ChatMessage): boolean => role === "system" || role === "developer";

/** The parts of a message's content; undefined where it is a text or nothing. */
export function partsOf({ content }: ChatMessage): readonly unknown[] | undefined {
  return Array.isArray(content) ? content : undefined;
}

/** The calls of tools in a message. */
export function callsOf({ tool_calls: calls }: ChatMessage): readonly unknown[] {
  return Array.isArray(calls) ? calls : [];
}

export const isText = (part: unknown): part is JsonObject & { readonly text: string } =>
  isObject(part) && part["type"] === "text" && typeof part["text"] === "string";

/** The same messages with some of them changed; the same list where none is. */
export const changeSome = (
  messages: ChatMessages,
  isOdd: (message: ChatMessage) => boolean,
  change: (message: ChatMessage) => ChatMessage,
): ChatMessages =>
  messages.some(isOdd) ? messages.map((message) => (isOdd(message) ? change(message) : message)) : messages;
