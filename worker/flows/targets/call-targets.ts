import { routeTaskOf } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody, Pieces, StreamEnd } from "../../domain/answers/answer-body.ts";
import type { Route, Target } from "../../domain/routing/catalog.ts";
import { computeCost } from "../../domain/money/cost.ts";
import { estimateTokens, estimateUsage } from "../../domain/money/estimate-usage.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { summariseFailures, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import { callTarget } from "./call-target.ts";
import { joinWindow } from "../windows/join-window.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";

export interface TargetAnswer {
  readonly target: Target;
  readonly attempts: number;
  readonly body: AnswerBody;
  /** In USD, where the provider has told what was used by the time the answer begins. */
  readonly costUsd: number | undefined;
}

/**
 * Tries a route's targets in their order until one answers: the next one after network failure,
 * timeout, throttling and 5xx, never after what the client itself caused, and never once a first
 * byte is out. The only place that knows fallback.
 */
export async function callTargets(
  services: Services,
  route: Route,
  call: InferenceCall,
): Promise<Result<TargetAnswer, GatewayError>> {
  const failures: UpstreamFailure[] = [];
  const startedAt = services.now();
  for (const target of route.targets) {
    if (services.now() >= call.deadlineAt) break;
    const body =
      (route.window && (await joinWindow(services, route, target, call))) ??
      (await callTarget(services, target, route.timeoutMs, call));
    call.time("upstream", services.now() - startedAt);
    if (body.ok) {
      if (body.value.form === "json" && body.value.window) call.time("window", body.value.window.waitedMs);
      const recorded = recordUse(services, call, target, body.value);
      return ok({ target, attempts: failures.length + 1, ...recorded });
    }
    failures.push(body.error);
    call.onFailedAttempt?.(target.label, body.error);
    const { code, reason } = body.error.error;
    services.log.warn("attempt_failed", { request: call.requestId, target: target.label, code, reason });
    if (!body.error.tryNext) return err({ ...body.error.error, attempts: failures.length });
  }
  const late = failures.length < route.targets.length || failures.at(-1)?.error.code === "deadline_exceeded";
  return err(
    late ? { code: "deadline_exceeded" } : { ...summariseFailures(failures), attempts: failures.length },
  );
}

/** Notes what an answer used and cost once that is known: for a stream, when it has ended. */
export function recordUse(
  services: Services,
  call: InferenceCall,
  target: Target,
  body: AnswerBody,
): Pick<TargetAnswer, "body" | "costUsd"> {
  const record: RecordUse = (told, estimatedTokens, complete) => {
    const {
      requestId: request,
      caller: { tenant },
      metadata,
    } = call;
    const usage = told ?? estimateUsage(call.body, estimatedTokens);
    const costUsd = computeCost(usage, target);
    services.log.info("used", { request, tenant, metadata, target: target.label, usage, costUsd, complete });
    return told ? costUsd : undefined;
  };
  if (body.form === "events") {
    return { body: { form: "events", pieces: whenEnded(body.pieces, record) }, costUsd: undefined };
  }
  if (body.form === "raw") return { body, costUsd: record(null, 0, true) };
  const estimate = routeTaskOf(call.task) === "chat" ? estimateTokens(body.bytes.byteLength) : 0;
  return { body, costUsd: record(body.usage, estimate, true) };
}

/** Gives what it cost, where the provider told what was used. */
type RecordUse = (usage: Usage | null, estimatedTokens: number, complete: boolean) => number | undefined;

/**
 * A stream that breaks or that nobody reads to its end has been paid for all the same. Not a generator around a
 * generator: that costs each event of each stream several turns of the event loop.
 */
function whenEnded(pieces: Pieces, record: RecordUse): Pieces {
  let deltas = 0;
  let recorded = false;
  const finish = (end: StreamEnd | undefined) => {
    if (!recorded) record(end?.ok ? end.value : null, deltas, end?.ok === true);
    recorded = true;
  };
  return {
    async next() {
      const step = await pieces.next();
      if (step.done) finish(step.value);
      else deltas += step.value.deltas;
      return step;
    },
    return(end) {
      finish(undefined);
      return pieces.return(end);
    },
  };
}
