import type { TaskRequests } from "../../contract/requests.ts";
import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";

type MessagesRequest = TaskRequests["messages"];

/** Thinking that another provider's model did, and that was given out in this form without a signature. */
export const isUnsigned = (block: JsonObject): boolean =>
  block["type"] === "thinking" && (block["signature"] === "" || block["signature"] === undefined);

const holdsUnsigned = (content: unknown): boolean =>
  Array.isArray(content) && content.some((block) => isObject(block) && isUnsigned(block));

/**
 * Leaves thinking without a signature out of a request in Anthropic's own form: the gateway gives it out for
 * models that sign nothing, and Anthropic refuses it where a conversation goes on with Claude. Any other
 * request is given back itself.
 */
export function leaveOutUnsigned(input: MessagesRequest): MessagesRequest {
  if (!input.messages.some(({ content }) => holdsUnsigned(content))) return input;
  const messages = input.messages
    .map((message) => {
      const { content } = message;
      return Array.isArray(content)
        ? { ...message, content: content.filter((block) => !isUnsigned(block)) }
        : message;
    })
    .filter(({ content }, at) => content.length > 0 || input.messages[at]?.content.length === 0);
  return { ...input, messages };
}
