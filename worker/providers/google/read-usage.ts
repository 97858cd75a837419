import type { Usage } from "../../contract/responses.ts";
import * as z from "zod/mini";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { type UsageMetadata, usageMetadataSchema } from "./answer-schema.ts";

/**
 * Google's counts in OpenAI's shape. `promptTokenCount` includes input from a cache, but not what Google's
 * own tools read; thoughts are billed as output and are not among the candidates' tokens.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(counts: UsageMetadata): Usage {
  const thoughts = counts.thoughtsTokenCount ?? 0;
  const input = (counts.promptTokenCount ?? 0) + (counts.toolUsePromptTokenCount ?? 0);
  const { audio_tokens: cachedAudio = 0 } = countModalities(counts.cacheTokensDetails);
  const output = (counts.candidatesTokenCount ?? 0) + thoughts;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: counts.totalTokenCount ?? input + output,
    prompt_tokens_details: {
      cached_tokens: counts.cachedContentTokenCount ?? 0,
      ...countModalities(counts.promptTokensDetails, counts.toolUsePromptTokensDetails),
      ...(cachedAudio > 0 ? { cached_tokens_details: { audio_tokens: cachedAudio } } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: thoughts,
      ...countModalities(counts.candidatesTokensDetails),
    },
  };
}

const MODALITIES: Readonly<Record<string, string>> = {
  AUDIO: "audio_tokens",
  IMAGE: "image_tokens",
  VIDEO: "video_tokens",
};

/** The tokens of each modality but text, under OpenAI's names for them; only of those that there are. */
function countModalities(...lists: readonly UsageMetadata["promptTokensDetails"][]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { modality = "", tokenCount = 0 } of lists.flatMap((list) => list ?? [])) {
    const name = Object.hasOwn(MODALITIES, modality) ? MODALITIES[modality] : undefined;
    if (name !== undefined && tokenCount > 0) counts[name] = (counts[name] ?? 0) + tokenCount;
  }
  return counts;
}

const told = z.looseObject({ usageMetadata: z.optional(usageMetadataSchema) });

/** What a body says was used, be it an answer or not; null where it does not. */
export function readTold(text: string): Usage | null {
  const parsed = parseAnswer(told, text);
  return parsed.ok && parsed.value.usageMetadata ? readUsage(parsed.value.usageMetadata) : null;
}
