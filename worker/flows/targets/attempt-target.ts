import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { RotatedTry, UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";
import { callInParts } from "./call-in-parts.ts";
import type { Destination } from "./destination.ts";
import { forwardForm } from "./forward-form.ts";
import { slotOf } from "./hold-slot.ts";
import { type KeyTries, reportTries } from "./key-tries.ts";
import { cleanFailure, tellAttempt } from "./tell-attempt.ts";
import { TargetWatch } from "./watch-target.ts";

export type Attempt = Result<AnswerBody, UpstreamFailure>;

/**
 * The only upstream call: for requests, uploads, windows and jobs alike. Computes a local model's answer, or
 * calls the provider and reads what it says; tells one fact, when all of the answer has come or none will, and one
 * of each call that was made again with another key. None where no call was made, for the target's breaker is open.
 */
export async function attemptTarget(
  services: Services,
  to: Destination,
  ask: Ask | UploadAsk,
): Promise<Attempt> {
  const startedAt = services.now();
  const watch = new TargetWatch(services, {
    target: to.target,
    isAwaited: ask.inTurn === undefined,
    deadline: ask.deadline,
    form: "upload" in ask ? undefined : ask.streamed && !ask.holds ? "stream" : "whole",
  });
  const refused = watch.begin();
  if (refused) return err(refused);
  const keyTries: KeyTries = { failed: [], last: undefined };
  const slot = slotOf(services, to.target, ask);
  const asked = { ...ask, watch, keyTries, slot };
  let called: Attempt | undefined;
  try {
    called = await ("upload" in asked ? forwardForm(services, to, asked) : callInParts(services, to, asked));
  } finally {
    slot?.end(called);
  }
  const attempt = called.ok ? called : err(cleanFailure(called.error, services));
  watch.end(attempt);
  if (to.target.runsIn === "provider") services.sharing.touch(to.target.provider, ask.defer);
  if (!attempt.ok && attempt.error.error.uncalled === true) return attempt;
  tellAttempt(services, attempt, { to, ask, startedAt, keyTries });
  return keyTries.failed.length === 0 ? attempt : withTries(attempt, reportTries(keyTries));
}

const withTries = (attempt: Attempt, rotated: readonly RotatedTry[]): Attempt =>
  attempt.ok ? ok({ ...attempt.value, rotated }) : err({ ...attempt.error, rotated });
