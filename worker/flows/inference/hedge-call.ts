import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { hedgesOf } from "../../domain/resilience/call-budget.ts";
import type { HealthView } from "../../domain/resilience/health-view.ts";
import { hedgeDelayMs } from "../../domain/resilience/hedge-delay.ts";
import type { Route } from "../../domain/routing/catalog.ts";
import { err } from "../../domain/result.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import type { Hedge } from "../targets/race-targets.ts";

interface Needs extends Pick<Services, "budgets" | "now" | "sleep"> {
  readonly health: HealthView;
}

/** When a call of this route is hedged: never one of a job, which nobody waits for by the second. */
export function hedgeOf(
  { budgets, health, now, sleep }: Needs,
  { route, streamed, holds = false, run }: Pick<InferenceCall, "route" | "streamed" | "holds" | "run">,
  { afterMs, budget }: NonNullable<Route["hedge"]>,
): Hedge<AnswerBody> | undefined {
  if (run) return undefined;
  const calls = budgets.of(`hedges of ${route.name}`, hedgesOf(budget), now());
  calls.earn(now());
  return {
    // Of a stream that is held back nothing is there until all of it is, which takes longer than the route's time.
    delayMs: (target) =>
      hedgeDelayMs(
        holds ? undefined : afterMs,
        health.latency(target, streamed && !holds ? "stream" : "whole", now()),
      ),
    spend: () => calls.spend(now()),
    drop,
    sleep,
  };
}

const NOT_WANTED = err({ code: "client_closed" } as const);

function drop(answer: AnswerBody): void {
  if (answer.form === "events") void answer.pieces.return(NOT_WANTED);
  if (answer.form === "raw") void answer.stream.cancel();
}
