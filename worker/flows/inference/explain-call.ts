import type { ExplainedPlan } from "../../contract/explain.ts";
import { decideCachePolicy } from "../../domain/cache/cache-directives.ts";
import { mayCall } from "../../domain/requests/may-call.ts";
import { explainPlan } from "../../domain/routing/explain-plan.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import { planCall } from "../targets/plan-call.ts";
import { recallItems } from "./kept-items.ts";

/** Plans a call as `runInference` would now, and tells the plan. Nobody is called, and nothing is spent. */
export async function explainCall(services: Services, asked: InferenceCall): Promise<ExplainedPlan> {
  const call = await recallItems(services, asked);
  const { task, route, body, streamed, caller, release } = call;
  const cache = decideCachePolicy(task, body, route.cache, call.directives);
  const plan = planCall(services, call, { keeps: cache.store });
  const { health, now } = services;
  const showsConditions = mayCall(caller.scopes, "admin");
  return {
    object: "plan",
    task,
    route: route.name,
    strategy: route.strategy,
    release: release.version,
    cache,
    missing: [...route.missing],
    ...explainPlan({ plan, body, streamed, health, now: now(), showsConditions }),
  };
}
