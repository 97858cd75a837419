import * as z from "zod/mini";
import type { Usage } from "../../contract/responses.ts";
import { isObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { type MessageUsage, messageUsage } from "./schema.ts";

/** Translates counts: OpenAI's prompt tokens include input that was read from or written to the cache. */
export function translateUsage(said: MessageUsage): Usage {
  const cached = said.cache_read_input_tokens ?? 0;
  const anHour = said.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const written =
    said.cache_creation_input_tokens ?? anHour + (said.cache_creation?.ephemeral_5m_input_tokens ?? 0);
  const prompt = (said.input_tokens ?? 0) + cached + written;
  const completion = said.output_tokens ?? 0;
  const thinking = said.output_tokens_details?.thinking_tokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: cached,
      cache_write_tokens: written,
      ...(anHour > 0 ? { cache_write_1h_tokens: anHour } : {}),
    },
    ...(typeof thinking === "number" ? { completion_tokens_details: { reasoning_tokens: thinking } } : {}),
  };
}

/** What a body says was used, if it is a message or has failed; null where it does not. */
export function readUsage(text: string): Usage | null {
  const said = readJsonObject(text)?.["usage"];
  const usage = isObject(said) ? mergeUsage(undefined, said) : undefined;
  return usage ? translateUsage(usage) : null;
}

/**
 * Merges the counts of a stream's event into those of the events before. Counts are totals, and null where
 * the event has none. Undefined where they are not counts.
 */
export function mergeUsage(before: MessageUsage | undefined, said: unknown): MessageUsage | undefined {
  const parsed = z.safeParse(messageUsage, said);
  if (!parsed.success) return undefined;
  const told = Object.entries(parsed.data).filter(([, value]) => value !== null && value !== undefined);
  return { ...before, ...Object.fromEntries(told) };
}
