import type { ErrorCode } from "../../contract/errors.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { settle, type Settlement } from "../../domain/money/settle.ts";
import { err, type Result } from "../../domain/result.ts";
import { cleanError } from "../../domain/routing/clean-error.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";
import { callInParts } from "./call-in-parts.ts";
import type { Destination } from "./destination.ts";
import { forwardForm } from "./forward-form.ts";
import { watchTarget } from "./watch-target.ts";

export type Attempt = Result<AnswerBody, UpstreamFailure>;

/**
 * The only upstream call: for requests, uploads, windows and jobs alike. Computes a local model's answer, or
 * calls the provider and reads what it says; tells one fact, when all of the answer has come or none will. None
 * where no call was made: work that nobody waits for leaves targets alone that are paused.
 */
export async function attemptTarget(
  services: Services,
  to: Destination,
  ask: Ask | UploadAsk,
): Promise<Attempt> {
  const startedAt = services.now();
  const watch = watchTarget(services, to.target, ask);
  const refused = watch.find();
  if (refused) return err(refused);
  const asked = { ...ask, watch };
  const attempt = clean(
    await ("upload" in asked ? forwardForm(services, to, asked) : callInParts(services, to, asked)),
    services,
  );
  if (!attempt.ok && attempt.error.error.uncalled === true) return attempt;
  watch.hear(attempt.ok ? undefined : attempt.error.error);
  const tell = (end: AttemptEnd) =>
    services.tell(
      {
        kind: "attempt",
        request: ask.requestId,
        tenant: ask.caller?.tenant,
        keyId: ask.caller?.keyId,
        task: "upload" in ask ? ask.upload : ask.task,
        route: to.route.name,
        target: to.target.label,
        startedAt,
        endedAt: services.now(),
        status: end.status,
        error: end.error,
        reason: end.reason,
        quote: to.route.quoteProviderErrors ? end.quote : undefined,
        sharedBy: ask.sharedBy ?? 1,
        usage: end.usage,
        costUsd: end.costUsd,
        complete: end.complete,
      },
      ask.defer,
    );
  if (!attempt.ok) tell({ ...spentBy(attempt.error, to, ask), ...describe(attempt.error) });
  else if (attempt.value.form === "json") tell(describeAnswer(attempt.value.settlement));
  else void attempt.value.settlement.then((settlement) => tell(describeAnswer(settlement)));
  return attempt;
}

/** No secret leaves with a failure, whatever its provider has said. */
const clean = (attempt: Attempt, { hideSecrets }: Services): Attempt =>
  attempt.ok ? attempt : err({ ...attempt.error, error: cleanError(attempt.error.error, hideSecrets) });

interface AttemptEnd {
  readonly status: number | null;
  readonly error: ErrorCode | null;
  readonly reason: string | undefined;
  readonly quote: string | undefined;
  readonly usage: Settlement["usage"];
  readonly costUsd: number | undefined;
  readonly complete: boolean;
}

/**
 * What a call cost that failed. Where it was given up before its answer came, the provider has read the input all
 * the same: that is an estimate. Nothing is known of one that failed without a word.
 */
function spentBy(
  { spent, error }: UpstreamFailure,
  { target }: Destination,
  ask: Ask | UploadAsk,
): Pick<AttemptEnd, "usage" | "costUsd" | "complete"> {
  if (spent) return { ...spent, complete: false };
  if (!GIVEN_UP.has(error.code) || "upload" in ask)
    return { usage: null, costUsd: undefined, complete: false };
  const { usage, costUsd } = settle({ told: null, answerTokens: 0, complete: false, target, body: ask.body });
  return { usage, costUsd, complete: false };
}

const GIVEN_UP: ReadonlySet<ErrorCode> = new Set(["client_closed", "deadline_exceeded", "upstream_timeout"]);

const describe = ({ error, status }: UpstreamFailure) => ({
  status: status ?? null,
  error: error.code,
  reason: error.reason,
  quote: error.quote,
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
