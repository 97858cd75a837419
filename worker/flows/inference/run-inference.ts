import { type CachePolicy, decideCachePolicy } from "../../domain/cache/cache-directives.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { type Plan, refuseEmpty } from "../../domain/routing/plan-targets.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import type { FailedPlan } from "../targets/seeker.ts";
import { planCall } from "../targets/plan-call.ts";
import { answerCall, type TargetAnswer } from "./answer-call.ts";
import { lookUp, lookUpPaused, peek } from "./look-up.ts";
import type { InferenceOutcome } from "./outcome.ts";
import { replayAnswer } from "./replay-answer.ts";
import { shareFlight } from "./share-flight.ts";
import { buildKey, type KeyedCall, MAX_ENTRY_BYTES, storeAnswer } from "./store-answer.ts";
import { tellAnswer } from "./tell-answer.ts";

/**
 * The straight line of a request, from a parsed call to an answer: plan the targets; look up the cache under
 * the first of them; join the identical call in progress, or lead one; follow the plan. The answer is stored
 * and told after the response. The first failure returns.
 */
export async function runInference(
  services: Services,
  call: InferenceCall,
): Promise<Result<InferenceOutcome, FailedPlan>> {
  const outcome = await answer(services, call);
  if (outcome.ok) tellAnswer(services, call, call.task, outcome.value);
  return outcome;
}

async function answer(
  services: Services,
  call: InferenceCall,
): Promise<Result<InferenceOutcome, FailedPlan>> {
  const { route, directives } = call;
  const policy = decideCachePolicy(call.task, call.body, route.cache, directives);
  const plan = planCall(services, call, { keeps: policy.store });
  if (!policy.store) {
    call.outlive();
    return forward(call, { plan, policy }, await answerCall(services, call, plan));
  }

  const [first] = plan.targets;
  if (!first) return err(refuseEmpty(plan));
  const known = call.knownKey?.target === first.label ? call.knownKey.key : undefined;
  const near = known !== undefined && policy.lookup ? peek(services, call, known) : undefined;
  if (near) return ok(replayAnswer(route.name, near, services.now()));
  call.outlive();
  const key = known ?? (await buildKey(first, call));
  const keyed = { services, call, plan, key };
  const hit = policy.lookup ? ((await lookUpPaused(keyed)) ?? (await lookUp(keyed, first))) : undefined;
  if (hit) return ok(replayAnswer(route.name, hit, services.now()));
  if (directives.onlyIfCached) return err({ code: "only_if_cached" });
  if (first.runsIn === "worker") return forward(call, { plan, policy }, await compute(keyed));
  return forward(call, { plan, policy }, await shareFlight(keyed, policy.lookup));
}

/** An answer that is computed here needs no flight: it is stored before another request could ask for it. */
async function compute(keyed: KeyedCall): Promise<Result<TargetAnswer, FailedPlan>> {
  const { services, call, plan } = keyed;
  const startedAt = services.now();
  const answered = await answerCall(services, call, plan);
  if (!answered.ok || answered.value.answer.form !== "json") return answered;
  const { target, answer: body } = answered.value;
  const piece = { bytes: body.bytes, usageOnly: false, deltas: 0 };
  call.defer(storeAnswer({ ...keyed, target, startedAt }, [piece], body.settlement));
  return answered;
}

function forward(
  { route }: InferenceCall,
  { plan, policy }: { readonly plan: Plan; readonly policy: CachePolicy },
  answered: Result<TargetAnswer & { readonly collapsed?: boolean }, FailedPlan>,
): Result<InferenceOutcome, FailedPlan> {
  if (!answered.ok) return answered;
  const { target, attempts, answer: body, collapsed = false } = answered.value;
  return ok({
    route: route.name,
    target: target.label,
    attempts,
    body,
    cache: { kind: "forward", why: whyForward(policy), stored: policy.store && isKept(body), collapsed },
    hurried: plan.hurried,
  });
}

/** Whether an answer is kept can be told of a whole one: a stream may still break. */
const isKept = (body: TargetAnswer["answer"]): boolean =>
  body.form === "json" && body.bytes.byteLength <= MAX_ENTRY_BYTES;

const whyForward = ({ store, lookup }: CachePolicy) => (lookup ? "miss" : store ? "request" : "bypass");
