import type { AnswerFact, AnswerSource } from "../../domain/facts/fact.ts";
import type { Settlement } from "../../domain/money/settle.ts";
import type { RequestCall } from "../call.ts";
import type { Services } from "../services.ts";
import { type InferenceOutcome, savedOf } from "./outcome.ts";

/** Tells one fact about an answer: at once for a whole one, and at the end of a stream. */
export function tellAnswer(
  services: Pick<Services, "tell" | "now">,
  call: RequestCall,
  task: AnswerFact["task"],
  outcome: InferenceOutcome,
): void {
  const { body } = outcome;
  const tell = (settlement: Settlement) =>
    services.tell(
      {
        kind: "answer",
        request: call.requestId,
        tenant: call.caller.tenant,
        keyId: call.caller.keyId,
        task,
        route: outcome.route,
        release: call.release.version,
        target: outcome.target,
        source: sourceOf(outcome),
        attempts: outcome.attempts.length,
        startedAt: call.startedAt,
        endedAt: services.now(),
        usage: settlement.usage,
        costUsd: settlement.costUsd,
        savedUsd: savedOf(outcome, settlement),
        complete: settlement.complete,
        metadata: call.metadata,
      },
      call.defer,
    );
  if (body.form === "json") tell(body.settlement);
  else void body.settlement.then(tell);
}

function sourceOf({ body, cache }: InferenceOutcome): AnswerSource {
  if (cache.kind === "hit") return "hit";
  if (cache.collapsed) return "flight";
  return body.form === "json" && body.window ? "window" : "call";
}
