import type { Task } from "../../contract/requests.ts";
import type { AnswerBody, Piece, PieceGenerator, StreamEnd } from "../../domain/answers/answer-body.ts";
import { groupEvents } from "../../domain/answers/group-events.ts";
import { cutEvents } from "../../domain/answers/server-sent-events.ts";
import { settle } from "../../domain/money/settle.ts";
import { spentOn } from "../../domain/money/spent.ts";
import { readJsonObject } from "../../domain/requests/json-object.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { HttpTask } from "../../domain/routing/adapter.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Ask } from "./ask.ts";
import { readEnd } from "./finish-answer.ts";
import { cutEnd } from "./read-whole.ts";

/** The stream that was asked for, of a whole answer that came in its place. */
export function splitAnswer(
  adapter: HttpTask<Task>,
  text: string,
  { target, ask }: { readonly target: Target; readonly ask: Ask },
): Result<AnswerBody, UpstreamFailure> {
  const read = adapter.readStream?.(ask.body);
  const answer = readJsonObject(cutEnd(text) ?? text);
  const split = answer && adapter.forms?.split(answer);
  if (!read || split === undefined)
    return err(failure("upstream_invalid_response", "a stream was asked for, and a whole answer came"));
  const { pieces, usage, end } = groupEvents(cutEvents(split).events, read, true);
  if (end?.ok !== true) {
    const failed = failure("upstream_invalid_response", end?.error.reason ?? "the answer has no end");
    return err({ ...failed, spent: spentOn(usage, target) });
  }
  const whole = ok(usage);
  const answerTokens = pieces.reduce((sum, { deltas }) => sum + deltas, 0);
  const settlement = settle({ ...readEnd(whole), told: usage, answerTokens, target, body: ask.body });
  return ok({ form: "events", pieces: give(pieces, whole), settlement: Promise.resolve(settlement) });
}

async function* give(pieces: readonly Piece[], end: StreamEnd): PieceGenerator {
  yield* pieces;
  return end;
}
