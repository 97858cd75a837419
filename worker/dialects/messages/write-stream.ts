import type { TaskRequests } from "../../contract/requests.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import type { TurnWriter } from "../dialect.ts";
import type { Block } from "../turn.ts";
import { estimateInputTokens } from "../../domain/money/estimate-usage.ts";
import { startMessage, writeBlock, writeStop, writeUsage } from "./message-object.ts";

const write = (type: string, fields: Readonly<Record<string, unknown>> = {}): string =>
  writeEvent(JSON.stringify({ type, ...fields }), type);

function writeDelta(kind: Block["kind"], text: string): Record<string, string> {
  if (kind === "call") return { type: "input_json_delta", partial_json: text };
  if (kind === "reasoning") return { type: "thinking_delta", thinking: text };
  return { type: "text_delta", text };
}

/** Chat says what was used at the end; clients show what is said at the start, and correct it by the end. */
const estimateUsage = (input: TaskRequests["messages"]) =>
  writeUsage({ prompt_tokens: estimateInputTokens(input), completion_tokens: 0 });

/** Writes a message's events: https://docs.anthropic.com/en/api/messages-streaming */
export const openStream = (input: TaskRequests["messages"]): TurnWriter => ({
  start: (head) =>
    write("message_start", { message: startMessage(head, estimateUsage(input)) }) + write("ping"),
  open: (block) => write("content_block_start", { index: block.index, content_block: writeBlock(block, "") }),
  extend: (block, text) =>
    write("content_block_delta", { index: block.index, delta: writeDelta(block.kind, text) }),
  close: ({ index }) => write("content_block_stop", { index }),
  end: (turn) =>
    write("message_delta", { delta: writeStop(turn, input), usage: writeUsage(turn.usage) }) +
    write("message_stop"),
});
