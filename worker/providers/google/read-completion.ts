import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { ok, type Result } from "../../domain/result.ts";
import { type Candidate, type Generated, generatedSchema } from "./answer-schema.ts";
import { hasFailed, readFinishReason } from "./finish-reason.ts";
import { refuseAnswer } from "./refusals.ts";
import { readLogprobs } from "./read-logprobs.ts";
import { readParts } from "./read-parts.ts";
import { readUsage } from "./read-usage.ts";

/** Reads a whole generateContent answer into a chat completion. */
export function readCompletion(text: string, fallback: Naming): Result<Answer, AnswerFailure> {
  const read = parseAnswer(generatedSchema, text);
  if (!read.ok) return read;
  const generated = read.value;
  const failed = generated.candidates?.find(({ finishReason }) => hasFailed(finishReason));
  if (failed) return refuseAnswer(`the model broke off: ${failed.finishReason}`);
  if (generated.candidates?.some(isNothing)) return refuseAnswer("a candidate with neither parts nor an end");
  const choices = readChoices(generated);
  if (choices.length === 0) return refuseAnswer("there are no candidates");
  const usage = generated.usageMetadata ? readUsage(generated.usageMetadata) : null;
  const body = { ...describe(generated, fallback), object: "chat.completion", choices, usage };
  return ok({ body: JSON.stringify(body), usage });
}

/** A model may say nothing, but then Google tells why it stopped. */
const isNothing = ({ content, finishReason }: Candidate): boolean =>
  finishReason === undefined && (content?.parts ?? []).length === 0;

/** What Google may leave out of an answer, or never says. */
export interface Naming {
  /** The model, as the client named it. */
  readonly model: string;
  /** In seconds since the epoch. */
  readonly created: number;
}

/** What completions and chunks have in common. */
export const describe = ({ responseId, modelVersion }: Generated, { model, created }: Naming) => ({
  id: responseId ?? "chatcmpl-google",
  created,
  model: modelVersion ?? model,
});

function readChoices(generated: Generated): object[] {
  const { candidates = [], promptFeedback, responseId = "google" } = generated;
  const blocked = promptFeedback?.blockReason;
  if (candidates.length === 0 && blocked !== undefined) return [{ index: 0, ...refuseBlocked(blocked) }];
  return candidates.map((candidate, at) => readChoice(candidate, at, responseId));
}

/** The answer for a prompt that Google blocked: a refusal. */
function refuseBlocked(blockReason: string): object {
  const message = { role: "assistant", content: null, refusal: writeRefusal(blockReason) };
  return { message, finish_reason: "content_filter" };
}

export const writeRefusal = (blockReason: string): string => `Google blocked the prompt: ${blockReason}.`;

function readChoice(candidate: Candidate, at: number, responseId: string): object {
  const { content, tool_calls, ...said } = readParts(candidate, { responseId, calls: 0 });
  const calls = tool_calls?.map(({ id, type, function: called, extra_content }) => {
    return { id, type, function: called, extra_content };
  });
  return {
    index: candidate.index ?? at,
    message: {
      role: "assistant",
      content: content === "" && calls ? null : content,
      ...said,
      ...(calls ? { tool_calls: calls } : {}),
    },
    ...(candidate.logprobsResult ? { logprobs: readLogprobs(candidate.logprobsResult) } : {}),
    finish_reason: readFinishReason(candidate.finishReason ?? "STOP", calls !== undefined),
  };
}
