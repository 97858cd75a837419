import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { ErrorCode } from "../../contract/errors.ts";
import type { AttemptFact } from "../../domain/facts/fact.ts";
import { settle, type Settlement } from "../../domain/money/settle.ts";
import type { Result } from "../../domain/result.ts";
import { cleanError } from "../../domain/routing/clean-error.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";
import type { Destination } from "./destination.ts";
import type { KeyTries } from "./key-tries.ts";

interface Attempted {
  readonly to: Destination;
  readonly ask: Ask | UploadAsk;
  readonly startedAt: number;
  readonly keyTries: KeyTries;
}

/** Tells one fact of each call that was made again with another key, and one of the last, when it has ended. */
export function tellAttempt(
  services: Services,
  attempt: Result<AnswerBody, UpstreamFailure>,
  attempted: Attempted,
): void {
  const { ask, keyTries } = attempted;
  for (const { failed, ...call } of keyTries.failed) {
    const end = describeFailure(cleanFailure(failed, services), attempted);
    services.tell(buildFact(attempted, end, call), ask.defer);
  }
  const startedAt = keyTries.failed.at(-1)?.endedAt ?? attempted.startedAt;
  const tellEnd = (end: AttemptEnd) => {
    const call = { key: keyTries.last, startedAt, endedAt: services.now() };
    services.tell(buildFact(attempted, end, call), ask.defer);
  };
  if (!attempt.ok) tellEnd(describeFailure(attempt.error, attempted));
  else if (attempt.value.form === "json") tellEnd(describeAnswer(attempt.value.settlement));
  else void attempt.value.settlement.then((settlement) => tellEnd(describeAnswer(settlement)));
}

/** No secret leaves with a failure, whatever its provider has said. */
export const cleanFailure = (failed: UpstreamFailure, { hideSecrets }: Services): UpstreamFailure => ({
  ...failed,
  error: cleanError(failed.error, hideSecrets),
});

interface AttemptEnd {
  readonly status: number | null;
  readonly error: ErrorCode | null;
  readonly reason: string | undefined;
  readonly quote: string | undefined;
  readonly usage: Settlement["usage"];
  readonly costUsd: number | undefined;
  readonly complete: boolean;
}

const buildFact = (
  { to, ask }: Attempted,
  { quote, ...end }: AttemptEnd,
  call: Pick<AttemptFact, "key" | "startedAt" | "endedAt">,
): AttemptFact => ({
  kind: "attempt",
  request: ask.requestId,
  tenant: ask.caller?.tenant,
  keyId: ask.caller?.keyId,
  task: "upload" in ask ? ask.upload : ask.task,
  route: to.route.name,
  target: to.target.label,
  ...call,
  ...end,
  quote: to.route.quoteProviderErrors ? quote : undefined,
  sharedBy: ask.sharedBy ?? 1,
});

/**
 * What a call cost that failed. Where it was given up before its answer came, or broke off after that had begun,
 * the provider has read the input all the same: that is an estimate. Nothing is known of one that failed without a
 * word, and what was refused costs nothing.
 */
function spentBy(
  { spent, error, status, hasBegun = false }: UpstreamFailure,
  { to: { target }, ask }: Attempted,
): Pick<AttemptEnd, "usage" | "costUsd" | "complete"> {
  if (spent) return { ...spent, complete: false };
  const isWorkedOn = hasBegun || (GIVEN_UP.has(error.code) && status === undefined);
  if (!isWorkedOn || "upload" in ask) return { usage: null, costUsd: undefined, complete: false };
  const { usage, costUsd } = settle({ told: null, answerTokens: 0, complete: false, target, body: ask.body });
  return { usage, costUsd, complete: false };
}

const GIVEN_UP: ReadonlySet<ErrorCode> = new Set(["client_closed", "deadline_exceeded", "upstream_timeout"]);

const describeFailure = (failed: UpstreamFailure, attempted: Attempted): AttemptEnd => ({
  ...spentBy(failed, attempted),
  status: failed.status ?? null,
  error: failed.error.code,
  reason: failed.error.reason,
  quote: failed.error.quote,
});

const describeAnswer = ({ usage, costUsd, complete, broken }: Settlement): AttemptEnd => ({
  status: 200,
  error: broken?.code ?? null,
  reason: broken?.reason,
  quote: broken?.quote,
  usage,
  costUsd,
  complete,
});
