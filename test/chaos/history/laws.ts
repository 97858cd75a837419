import * as answer from "./answer-laws.ts";
import * as attempt from "./attempt-laws.ts";
import * as change from "./change-laws.ts";
import type { Law } from "./law.ts";
import * as outcome from "./outcome-laws.ts";

/** Every law about one job, by its name in the report. */
export const LAWS: Readonly<Record<string, Law>> = {
  accepted: outcome.accepted,
  "not refused": outcome.notRefused,
  "one job a key": outcome.oneJobAKey,
  "no job lost": outcome.terminal,
  "listed once, with its end": outcome.listedOnce,
  "its webhook told": outcome.webhookTold,
  "one outcome": outcome.oneOutcome,
  "unchanged after its end": outcome.unchanged,
  "never back from its end": outcome.neverBack,
  "attempts only grow": attempt.attemptsGrow,
  "attempts within the policy": attempt.attemptsBounded,
  "attempts tell their failures": attempt.attemptsTellFailures,
  "calls within the attempts": attempt.callsWithinAttempts,
  "no answer without a call": attempt.answersWereCalledFor,
  "events tell one end": attempt.eventsTellOneEnd,
  "events tell the output": answer.eventsTellTheOutput,
  "its own answer": answer.answersItsOwn,
  "its document shows its output": answer.documentShowsOutput,
  "replays byte-equal": answer.replaysEqual,
  "canceled if asked": change.canceledIfAsked,
  "deleted when asked": change.deletable,
  "gone once deleted": change.goneForGood,
  "a retry of its job": change.retryNamesItsJob,
};
