import * as z from "zod/mini";

/** What generateContent answers, whole or event by event. Loose: what Google adds is passed on. */
const count = z.optional(z.number().check(z.nonnegative()));

const partSchema = z.looseObject({
  text: z.optional(z.string()),
  /** The text is a summary of the model's thoughts. */
  thought: z.optional(z.boolean()),
  thoughtSignature: z.optional(z.string()),
  functionCall: z.optional(
    z.looseObject({
      id: z.optional(z.string()),
      name: z.string(),
      args: z.optional(z.record(z.string(), z.unknown())),
    }),
  ),
  inlineData: z.optional(z.looseObject({ mimeType: z.string(), data: z.string() })),
});

const likely = z.array(
  z.looseObject({ token: z.optional(z.string()), logProbability: z.optional(z.number()) }),
);

const candidateSchema = z.looseObject({
  index: z.optional(z.int().check(z.nonnegative())),
  content: z.optional(z.looseObject({ parts: z.optional(z.array(partSchema)) })),
  finishReason: z.optional(z.string()),
  logprobsResult: z.optional(
    z.looseObject({
      chosenCandidates: z.optional(likely),
      topCandidates: z.optional(z.array(z.looseObject({ candidates: z.optional(likely) }))),
    }),
  ),
});

/** Counts by modality, of which a total is made; text is one of them. */
const byModality = z.optional(
  z.array(z.looseObject({ modality: z.optional(z.string()), tokenCount: count })),
);

export const usageMetadataSchema = z.looseObject({
  promptTokenCount: count,
  candidatesTokenCount: count,
  totalTokenCount: count,
  cachedContentTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  promptTokensDetails: byModality,
  toolUsePromptTokensDetails: byModality,
  cacheTokensDetails: byModality,
  candidatesTokensDetails: byModality,
});

export const generatedSchema = z.looseObject({
  candidates: z.optional(z.array(candidateSchema)),
  promptFeedback: z.optional(z.looseObject({ blockReason: z.optional(z.string()) })),
  usageMetadata: z.optional(usageMetadataSchema),
  modelVersion: z.optional(z.string()),
  responseId: z.optional(z.string()),
  error: z.optional(z.looseObject({ message: z.optional(z.string()) })),
});

export type GeneratedPart = z.infer<typeof partSchema>;
export type Candidate = z.infer<typeof candidateSchema>;
export type UsageMetadata = z.infer<typeof usageMetadataSchema>;
export type Generated = z.infer<typeof generatedSchema>;
