import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { isLate } from "../../domain/resilience/first-token.ts";
import type { Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import type { Plan } from "../../domain/routing/plan-targets.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import { attemptTarget, type Attempt } from "../targets/attempt-target.ts";
import type { Destination } from "../targets/destination.ts";
import { followPlan } from "../targets/follow-plan.ts";
import { repeatsOf } from "../targets/repeats.ts";
import type { FailedPlan, Followed } from "../targets/seeker.ts";
import { hedgeOf } from "./hedge-call.ts";
import { joinWindow } from "../windows/join-window.ts";

export type TargetAnswer = Followed<AnswerBody>;

/** Follows a plan for one request; where the route has a window, an attempt shares its call with others. */
export async function answerCall(
  services: Services,
  call: InferenceCall,
  plan: Plan,
): Promise<Result<TargetAnswer, FailedPlan>> {
  const startedAt = services.now();
  let late: Target | undefined;
  const [end] = await followPlan({
    plan,
    members: [call],
    attempt: async (target, _, signal) => {
      const to = {
        route: leaveTime(call, { plan, target, now: services.now() }),
        target,
        hasNext: call.streamed && target !== late && hasNext(services, plan, target),
      };
      const result = await attempt(services, signal === call.signal ? call : { ...call, signal }, to);
      // Should it be asked once more, it is waited for.
      if (!result.ok && isLate(result.error.error)) late ??= target;
      return [result];
    },
    signal: call.signal,
    now: services.now,
    repeats: repeatsOf(services, call),
    hedge: call.route.hedge && hedgeOf(services, call, call.route.hedge),
  });
  call.time("upstream", services.now() - startedAt);
  if (!end) throw new Error("a plan that was followed for one member has one end");
  timeAttempts(call, end.ok ? end.value.attempts : (end.error.tries ?? []));
  const { ok } = end;
  if (ok && end.value.answer.form === "json" && end.value.answer.window) {
    call.time("window", end.value.answer.window.waitedMs);
  }
  return end;
}

/** Whether a target that is late to begin may be left for one after it that is well. */
const hasNext = (
  { health, now }: Pick<Services, "health" | "now">,
  { targets }: Plan,
  target: Target,
): boolean =>
  targets.slice(targets.indexOf(target) + 1).some((next) => health.waitMs(next, now()) === undefined);

interface Turn {
  readonly plan: Plan;
  readonly target: Target;
  readonly now: number;
}

/** A cheap target that may be slow gets half of the time that is left, so that another can still answer after it. */
function leaveTime({ route, deadline }: InferenceCall, { plan, target, now }: Turn): Destination["route"] {
  if (target.tier !== "economy" || target === plan.targets.at(-1)) return route;
  const half = Math.max(1, Math.floor((deadline.at - now) / 2));
  return half < route.timeoutMs ? { ...route, timeoutMs: half } : route;
}

/** Tells what each attempt took, where there were several. */
function timeAttempts({ time }: InferenceCall, attempts: TargetAnswer["attempts"]): void {
  if (attempts.length < 2) return;
  for (const [at, { startedAt, endedAt }] of attempts.entries())
    time(`attempt-${at + 1}`, endedAt - startedAt);
}

/** One attempt: in the route's window, or by a call of its own. */
async function attempt(services: Services, call: InferenceCall, to: Destination): Promise<Attempt> {
  const shared = call.route.window && (await joinWindow(services, to.target, call));
  return shared ?? attemptTarget(services, to, call);
}
