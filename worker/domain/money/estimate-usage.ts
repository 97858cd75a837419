import type { Usage } from "../../contract/responses.ts";

/** English text has about four characters a token, by OpenAI's own rule of thumb. */
const CHARACTERS_PER_TOKEN = 4;

/** Fields of a request that a model reads; the others are only settings. */
const READ_FIELDS = ["system", "instructions", "messages", "prompt", "tools", "input", "query", "documents"];

/**
 * What a call used, where its provider does not say, or the answer was cut off. Marked as an estimate: good
 * for the order of magnitude of a cost, no more.
 */
export function estimateUsage(body: Readonly<Record<string, unknown>>, completionTokens: number): Usage {
  const read = READ_FIELDS.flatMap((field) => body[field] ?? []);
  const promptTokens = Math.ceil(JSON.stringify(read).length / CHARACTERS_PER_TOKEN);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    estimated: true,
  };
}

/** Tokens of an answer's text. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);
