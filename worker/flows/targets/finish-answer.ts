import { routeTaskOf } from "../../contract/requests.ts";
import type { AnswerBody, StreamEnd } from "../../domain/answers/answer-body.ts";
import { estimateTokens } from "../../domain/money/estimate-usage.ts";
import { settle, type Used } from "../../domain/money/settle.ts";
import { spentOn } from "../../domain/money/spent.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import {
  failInput,
  failure,
  failureOfTold,
  type UpstreamFailure,
} from "../../domain/routing/upstream-failure.ts";
import type { ReadText } from "../../streams/read-bounded.ts";
import type { RelayedBytes } from "../../streams/relay-bytes.ts";
import type { Ask } from "./ask.ts";

interface Asked {
  readonly target: Target;
  readonly ask: Pick<Ask, "task" | "body" | "sharedBy">;
}

const encoder = new TextEncoder();

/** A whole answer, settled. `came` is what it was read from: text that was not changed is not encoded again. */
export function finishAnswer(
  answer: Result<Answer, AnswerFailure>,
  { target, ask: { task, body, sharedBy } }: Asked,
  came?: ReadText,
): Result<Extract<AnswerBody, { form: "json" }>, UpstreamFailure> {
  if (!answer.ok) return fail(answer.error, target);
  const { body: text, usage, lacks } = answer.value;
  if (lacks !== undefined && sharedBy === undefined)
    return fail({ kind: "invalid_response", reason: lacks, usage }, target);
  const bytes = came?.bytes && text === came.text ? came.bytes : encoder.encode(text);
  const answerTokens = routeTaskOf(task) === "chat" ? estimateTokens(bytes.byteLength) : 0;
  return ok({
    form: "json",
    bytes,
    settlement: settle({ told: usage, answerTokens, complete: true, target, body }),
  });
}

function fail(failed: AnswerFailure, target: Target): Result<never, UpstreamFailure> {
  const spent = spentOn(failed.usage, target);
  return err(spent ? { ...judge(failed), spent } : judge(failed));
}

function judge(failed: AnswerFailure): UpstreamFailure {
  const { kind, reason, told } = failed;
  if (told) return failureOfTold(told);
  return kind === "invalid_response" ? failure("upstream_invalid_response", reason) : failInput(failed);
}

/** Bytes that nobody reads here; what they cost is an estimate, made of the request where that is known. */
export function finishBytes(
  { contentType, stream, ended }: RelayedBytes & { readonly contentType: string },
  target: Target,
  body: Used["body"],
): Result<AnswerBody, never> {
  const settlement = ended.then((end) =>
    settle({ ...readEnd(end), told: null, answerTokens: 0, target, body }),
  );
  return ok({ form: "raw", contentType, stream, settlement });
}

/** How an answer that came in parts has ended; undefined where its reader has left. */
export const readEnd = (end: StreamEnd | undefined): Pick<Used, "complete" | "broken"> => ({
  complete: end?.ok === true,
  broken: end?.ok === false ? end.error : undefined,
});
