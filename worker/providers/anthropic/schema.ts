import * as z from "zod/mini";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { err, type Result } from "../../domain/result.ts";

const count = z.optional(z.nullable(z.number().check(z.nonnegative())));
const words = z.optional(z.nullable(z.string()));

/** Counts are of input that was neither read from the cache nor written to it, unlike OpenAI's. */
export const messageUsage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  /** Of what was written to the cache: what is kept for an hour costs more than what is for five minutes. */
  cache_creation: z.optional(
    z.nullable(z.looseObject({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count })),
  ),
  output_tokens_details: z.optional(z.nullable(z.looseObject({ thinking_tokens: count }))),
});

/** How an answer ended; in a stream it is in `message_delta`. */
export const ending = z.looseObject({
  stop_reason: words,
  stop_details: z.optional(z.nullable(z.looseObject({ explanation: words }))),
});

/** A whole answer: https://platform.claude.com/docs/en/api/messages/create */
const messageSchema = z.looseObject({
  id: z.optional(z.string()),
  type: z.literal("message"),
  model: z.optional(z.string()),
  content: z.array(z.looseObject({ type: z.string() })),
  usage: z.optional(z.nullable(messageUsage)),
  ...ending.shape,
});

/** https://platform.claude.com/docs/en/api/messages-count-tokens */
export const tokenCount = z.looseObject({ input_tokens: z.number().check(z.nonnegative()) });

export type MessageUsage = z.infer<typeof messageUsage>;
export type Ending = z.infer<typeof ending>;
export type Message = z.infer<typeof messageSchema>;

/** A thinking block as Anthropic made it: it verifies them when they come back, so they stay as they are. */
export type ThinkingBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

/**
 * Reads a body of status 200; anything but a message is an invalid response. An empty one is a message where it
 * tells why it ended: the model sometimes says nothing after a tool's result.
 */
export function parseMessage(text: string): Result<Message, AnswerFailure> {
  const message = parseAnswer(messageSchema, text);
  if (!message.ok || message.value.content.length > 0 || message.value.stop_reason) return message;
  return err({ kind: "invalid_response", reason: "neither content nor a reason to stop" });
}
