import type { ChatRequest } from "../../contract/requests.ts";

/**
 * A conversation as one text: a single message as it is; several messages each after their role, with the
 * assistant's role at the end to ask for the reply. Undefined where a message has more than text.
 */
export function writePrompt({ messages }: ChatRequest): string | undefined {
  const turns: string[] = [];
  for (const { role, content } of messages) {
    const text = readText(content);
    if (text === undefined) return undefined;
    turns.push(messages.length === 1 ? text : `${role}: ${text}`);
  }
  return messages.length === 1 ? turns[0] : [...turns, "assistant:"].join("\n\n");
}

function readText(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part !== "object" || part === null) return undefined;
    const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
    if (type !== "text" || typeof text !== "string") return undefined;
    texts.push(text);
  }
  return texts.join("");
}
