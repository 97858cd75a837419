import type { Thinking } from "../../contract/config/oddities.ts";
import { asObject } from "../../domain/requests/json-object.ts";
import { changeSome, type ChatMessage, type ChatMessages } from "./chat-message.ts";

/** Sends what the model thought before in the field where the provider wants it, or leaves it out. */
export const fitThinking =
  ({ field, required }: Thinking) =>
  (messages: ChatMessages): ChatMessages =>
    changeSome(
      messages,
      (message) => message.role === "assistant" && (required === true || hasThinking(message)),
      (message) => {
        const { reasoning_content: _, reasoning: __, thinking_blocks: ___, ...rest } = message;
        const thought = readThinking(message) ?? (required ? LOST : undefined);
        return field === null || thought === undefined ? rest : { ...rest, [field]: thought };
      },
    );

/** What stands for thinking that the client did not keep: an empty text is refused like none. */
const LOST = " ";

const hasThinking = ({ reasoning_content, reasoning, thinking_blocks }: ChatMessage): boolean =>
  reasoning_content !== undefined || reasoning !== undefined || thinking_blocks !== undefined;

/** The thinking of an answer under any of the names that it is given out by. */
function readThinking(message: ChatMessage): string | undefined {
  const { reasoning_content: content, reasoning, thinking_blocks: blocks } = message;
  const signed = Array.isArray(blocks) ? blocks.map(textOf).join("") : "";
  const found = [content, reasoning, signed].find((text) => typeof text === "string" && text.trim() !== "");
  return typeof found === "string" ? found : undefined;
}

function textOf(block: unknown): string {
  const { thinking } = asObject(block);
  return typeof thinking === "string" ? thinking : "";
}
