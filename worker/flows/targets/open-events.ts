import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { settle, type Settlement } from "../../domain/money/settle.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { EventReader } from "../../domain/routing/adapter.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { OpenStream } from "../../streams/open-stream.ts";
import { relayEvents } from "../../streams/relay-events.ts";
import type { Ask } from "./ask.ts";
import { readEnd } from "./finish-answer.ts";

interface Asked {
  readonly target: Target;
  readonly ask: Ask;
}

/** Waits for the first event, so that a stream that fails before it can still go to another target. */
export async function openEvents(
  stream: OpenStream,
  read: EventReader | undefined,
  { target, ask }: Asked,
): Promise<Result<AnswerBody, UpstreamFailure>> {
  if (!read) {
    stream.abort();
    return err(failure("upstream_invalid_response", "this task does not stream"));
  }
  const settled = Promise.withResolvers<Settlement>();
  const pieces = relayEvents(stream, read, {
    mayPipe: ask.mayPipe === true && hidesNothing(read, ask),
    defer: ask.defer,
    onEnd: (end, deltas) =>
      settled.resolve(settle({ ...readEnd(end), answerTokens: deltas, target, body: ask.body })),
  });
  const ended = await pieces.begin();
  if (!ended) return ok({ form: "events", pieces, settlement: settled.promise });
  const error = ended.ok ? { code: "upstream_invalid_response" as const } : ended.error;
  return err({ error, tryNext: error.code !== "client_closed" });
}

const hidesNothing = ({ passesOn }: EventReader, { showsUsage }: Ask): boolean =>
  passesOn === "all" || (passesOn === "all_but_usage" && showsUsage);
