import type { ChatRequest } from "../contract/requests.ts";

export type ChatMessage = ChatRequest["messages"][number];

interface TextPart {
  readonly type: "text";
  readonly text: string;
  /** Anthropic's mark of where a prompt may be cached, which some servers of chat take too. */
  readonly cache_control?: unknown;
}

/** One part of a message's content, as chat has it. */
export type ContentPart =
  | TextPart
  | { readonly type: "image_url" | "file" | "input_audio"; readonly [field: string]: unknown };

export interface ChatCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export const textPart = (text: string): TextPart => ({ type: "text", text });

/** The field of a block that marks where the prompt may be cached, for what is made of the block. */
export const markOf = ({ cache_control: mark }: { readonly cache_control?: unknown }) =>
  mark === undefined || mark === null ? {} : { cache_control: mark };

const isText = (part: ContentPart): part is TextPart => part.type === "text";

const isPlain = (part: ContentPart): part is TextPart => isText(part) && part.cache_control === undefined;

/** A single text is sent as a string, for some servers take nothing else. */
export function writeContent(parts: readonly ContentPart[]): string | readonly ContentPart[] {
  const [only] = parts;
  if (!only) return "";
  return parts.length === 1 && isPlain(only) ? only.text : parts;
}

/** The same for several texts, which are joined where their bounds do not matter. */
export const joinContent = (
  parts: readonly ContentPart[],
  separator: string,
): string | readonly ContentPart[] =>
  parts.every(isPlain) ? parts.map(({ text }) => text).join(separator) : parts;

/** The assistant's thinking, text and calls, which are one message in chat. */
export function assistantMessage(
  content: string | readonly ContentPart[],
  calls: readonly ChatCall[],
  reasoning?: string,
): ChatMessage {
  const thought = reasoning === undefined ? {} : { reasoning_content: reasoning };
  if (calls.length === 0) return { role: "assistant", content, ...thought };
  return { role: "assistant", content: content === "" ? null : content, ...thought, tool_calls: calls };
}

export const functionTool = (definition: Readonly<Record<string, unknown>>) => ({
  type: "function",
  function: dropAbsent(definition),
});

/** Leaves out absent fields, for some servers treat null as a value. */
export const dropAbsent = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
