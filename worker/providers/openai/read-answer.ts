import type * as z from "zod/mini";
import type { Usage } from "../../contract/responses.ts";
import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { readPlainCompletion } from "../../domain/answers/accept-completion.ts";
import { checkAnswer, parseText } from "../../domain/answers/parse-answer.ts";
import { asObject, isObject } from "../../domain/requests/json-object.ts";
import { readExact } from "../../domain/requests/parse-exact.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { findFailure, type FoundFailure } from "./find-failure.ts";
import { completeUsage, findUsage } from "./find-usage.ts";
import { mendCompletion } from "./mend-completion.ts";

interface Answered {
  readonly usage?: Usage | null | undefined;
}

/**
 * Checks that a reply with status 200 is a usable answer; its text is passed on unchanged. `findGap` tells why it
 * is one to a part of the inputs only.
 */
export function readAnswer<T extends Answered>(
  schema: z.ZodMiniType<T>,
  text: string,
  findGap?: (answer: T) => string | undefined,
): Result<Answer, AnswerFailure> {
  const json = parseText(text);
  if (!json.ok) return json;
  const failure = findFailure(asObject(json.value));
  if (failure) return failed(failure);
  const parsed = checkAnswer(schema, json.value);
  if (!parsed.ok) return parsed;
  const lacks = findGap?.(parsed.value);
  return ok({
    body: text,
    usage: completeUsage(parsed.value.usage),
    ...(lacks === undefined ? {} : { lacks }),
  });
}

/** Reads a chat completion. One in OpenAI's form, as nearly all are, is passed on unchanged. */
export function readCompletion(text: string, model: string): Result<Answer, AnswerFailure> {
  const json = parseText(text);
  if (!json.ok) return json;
  const plain = readPlainCompletion(json.value);
  if (plain?.usage) return ok({ body: text, usage: completeUsage(plain.usage) });
  if (!isObject(json.value)) return invalid("the body is not a completion");
  const failure = findFailure(json.value);
  if (failure) return failed(failure);
  const usage = findUsage(json.value);
  if (usage === undefined) return invalid("usage: not in counts");
  if (plain) return ok({ body: text, usage });
  const mended = mendCompletion(asObject(readExact(text)), model);
  return mended ? ok({ body: JSON.stringify(mended), usage }) : invalid("choices: none");
}

const failed = ({ reason, told }: FoundFailure): Result<never, AnswerFailure> =>
  err({ kind: "invalid_response", reason, ...(told ? { told } : {}) });

const invalid = (reason: string): Result<never, AnswerFailure> => err({ kind: "invalid_response", reason });
