import { err, ok } from "../../domain/result.ts";
import type { Route } from "../../domain/routing/catalog.ts";
import type { RotatedTry, UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { GroupAnswer } from "../../domain/windows/request-window-protocol.ts";
import type { Services } from "../services.ts";
import { repeatsOf } from "../targets/repeats.ts";
import { callGroup, type GroupCall } from "./call-group.ts";

/**
 * Makes one call for several requests, and makes it again where its target failed for a moment: once for all who
 * share it, and told to each of them.
 */
export async function repeatGroup(
  services: Services,
  route: Route,
  call: GroupCall,
): Promise<readonly GroupAnswer[]> {
  const { target } = call.to;
  const { now } = services;
  const repeats = repeatsOf(services, { route: { retry: route.retry, jobs: route.jobs } });
  const earlier: RotatedTry[] = [];
  repeats.begin(target);
  for (let tries = 1; ; tries++) {
    const startedAt = now();
    const answers = await callGroup(services, call);
    const failure = findFailure(answers);
    if (!failure) repeats.answered(target, tries);
    const leftMs = call.deadline.at - now();
    const hasNext = route.targets.at(-1) !== target;
    const delayMs = failure && repeats.again({ target, failure, tries, hasNext, leftMs });
    if (delayMs === undefined) return answers.map((answer) => withTries(answer, earlier));
    earlier.push({
      startedAt,
      endedAt: now(),
      status: failure?.status ?? null,
      error: failure?.error.code ?? null,
    });
    await repeats.sleep(delayMs, call.signal);
  }
}

/** Why nobody was answered; undefined where somebody was. */
function findFailure(answers: readonly GroupAnswer[]): UpstreamFailure | undefined {
  const [first] = answers;
  return first && !first.ok && answers.every(({ ok: isAnswered }) => !isAnswered) ? first.error : undefined;
}

function withTries(answer: GroupAnswer, earlier: readonly RotatedTry[]): GroupAnswer {
  if (earlier.length === 0) return answer;
  const { rotated = [] } = answer.ok ? answer.value : answer.error;
  const all = { rotated: [...earlier, ...rotated] };
  return answer.ok ? ok({ ...answer.value, ...all }) : err({ ...answer.error, ...all });
}
