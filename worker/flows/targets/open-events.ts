import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { settle, type Settlement } from "../../domain/money/settle.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { EventReader } from "../../domain/routing/adapter.ts";
import { cleanError } from "../../domain/routing/clean-error.ts";
import { failure, mayTryNext, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { OpenStream } from "../../streams/open-stream.ts";
import { holdPieces, NO_ROOM_TO_HOLD } from "../../streams/hold-pieces.ts";
import { relayEvents } from "../../streams/relay-events.ts";
import type { Services } from "../services.ts";
import type { Ask } from "./ask.ts";
import type { Destination } from "./destination.ts";
import { readEnd } from "./finish-answer.ts";

interface Asked {
  readonly to: Destination;
  readonly ask: Ask;
  /** Reads JSON that came in the place of a stream, under its name. */
  readonly readWhole: (text: string) => Result<AnswerBody, UpstreamFailure>;
}

/**
 * Waits until the answer begins, or is whole where it is to be held back, so that a stream that fails before can
 * still go to another target: until then nothing of it has been sent.
 */
export async function openEvents(
  { inForm, hideSecrets, held, sleep }: Pick<Services, "inForm" | "hideSecrets" | "held" | "sleep">,
  stream: OpenStream,
  read: EventReader | undefined,
  { to: { route, target }, ask, readWhole }: Asked,
): Promise<Result<AnswerBody, UpstreamFailure>> {
  if (!read) {
    stream.abort();
    return err(failure("upstream_invalid_response", "this task does not stream"));
  }
  const settled = Promise.withResolvers<Settlement>();
  const pieces = relayEvents(stream, read, {
    // What is piped cannot be mended.
    mayPipe: () =>
      ask.mayPipe === true &&
      route.streams.unread &&
      ask.holds !== true &&
      inForm.has(target) &&
      stream.misnamed !== true &&
      hidesNothing(read, ask),
    pace: { quietMs: route.streams.quietMs, minPerSecond: route.streams.minEventsPerSecond },
    defer: ask.defer,
    clean: (error) => cleanError(error, hideSecrets),
    onEnd(end, { deltas, usage }) {
      // One that has failed may fail again: what its next one says of that is read before it leaves.
      if (!pieces.isInForm || end?.ok === false) inForm.delete(target);
      else if (end?.ok === true) inForm.add(target);
      settled.resolve(settle({ ...readEnd(end), told: usage, answerTokens: deltas, target, body: ask.body }));
    },
  });
  const ended = await pieces.begin();
  if (!ended) {
    const hold = (letGo: () => void) => held.open(ask.caller?.tenant ?? "", letGo);
    const sent = ask.holds === true ? await holdPieces(pieces, { hold, sleep }) : ok(pieces);
    if (sent.ok) return ok({ form: "events", pieces: sent.value, settlement: settled.promise });
    const { usage, costUsd } = await settled.promise;
    const tryNext = sent.error !== NO_ROOM_TO_HOLD && mayTryNext(sent.error);
    return err({ error: sent.error, tryNext, spent: { usage, costUsd } });
  }
  if (pieces.whole !== undefined) return readWhole(pieces.whole);
  const error = ended.ok ? { code: "upstream_invalid_response" as const } : ended.error;
  const { estimated, usage, costUsd } = await settled.promise;
  const spent = estimated ? {} : { spent: { usage, costUsd } };
  return err({ error, tryNext: mayTryNext(error), ...spent });
}

/** Calls of tools are looked at, for not every server that streams texts well numbers its calls. */
const hidesNothing = ({ passesOn }: EventReader, { showsUsage, body }: Ask): boolean =>
  passesOn === "all" || (passesOn === "all_but_usage" && showsUsage && !offersTools(body));

const offersTools = (body: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(body["tools"]) && body["tools"].length > 0;
