import type { TaskRequests } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { readJsonObject } from "../../domain/requests/json-object.ts";
import { readUsage } from "../read-usage.ts";
import type { Block, Turn } from "../turn.ts";
import { deriveId, type TurnHead } from "../turn-head.ts";

/** The message at its start, without content. */
export const startMessage = (
  head: TurnHead,
  usage: Record<string, unknown> = writeUsage(null),
): Record<string, unknown> => ({
  id: `msg_${deriveId(head)}`,
  type: "message",
  role: "assistant",
  model: head.model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
});

/** The complete message; fails where a call's arguments are not JSON. */
export function finishMessage(
  turn: Turn,
  input: TaskRequests["messages"],
): Result<Record<string, unknown>, AnswerFailure> {
  const content: object[] = [];
  for (const block of turn.blocks) {
    const args = block.kind === "call" ? readArguments(block) : undefined;
    if (block.kind === "call" && !args) {
      return err({ kind: "invalid_response", reason: "a tool call's arguments are not a JSON object" });
    }
    content.push(writeBlock(block, block.text, args));
  }
  return ok({
    ...startMessage(turn.head),
    content,
    ...writeStop(turn, input),
    usage: writeUsage(turn.usage),
  });
}

/** The arguments of a call that was cut off cannot be used; the stop reason says why. */
function readArguments({ text, cut }: Block): object | undefined {
  if (text.trim() === "") return {};
  return readJsonObject(text) ?? (cut ? {} : undefined);
}

export function writeBlock(block: Block, text: string, input: object = {}): Record<string, unknown> {
  if (block.kind === "call") return { type: "tool_use", id: block.id, name: block.name, input };
  // Only Anthropic's models sign what they think.
  if (block.kind === "reasoning") return { type: "thinking", thinking: text, signature: "" };
  return { type: "text", text };
}

const STOP_REASONS = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
} as const;

/** Why the model stopped, in the Messages API's form. Few servers say at which stop text. */
export function writeStop(turn: Turn, input: TaskRequests["messages"]): Record<string, unknown> {
  const { finishReason, stopSequence } = turn;
  const asked = input["stop_sequences"];
  if (finishReason === "stop" && Array.isArray(asked) && asked.includes(stopSequence)) {
    return { stop_reason: "stop_sequence", stop_sequence: stopSequence };
  }
  const refused = turn.blocks.some(({ kind }) => kind === "refusal");
  const reason = refused ? "refusal" : STOP_REASONS[finishReason];
  return { stop_reason: reason, stop_sequence: null };
}

/** Anthropic counts cached input apart from the rest of it. */
export function writeUsage(usage: Usage | null): Record<string, unknown> {
  const { input, cached, cacheWritten, output, reasoning } = readUsage(usage);
  return {
    input_tokens: input - cached - cacheWritten,
    cache_creation_input_tokens: cacheWritten,
    cache_read_input_tokens: cached,
    output_tokens: output,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
  };
}
