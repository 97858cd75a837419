import { type Plan, planTargets } from "../../domain/routing/plan-targets.ts";
import type { Planning } from "../../domain/routing/planning.ts";
import type { RequestCall } from "../call.ts";
import type { Services } from "../services.ts";

type Asked = Pick<Planning, "route" | "task" | "body" | "streamed" | "brokeAt">;

/** Plans the targets of one request, as health, clock and a roll of the dice are now. */
export const planCall = (
  { health, now, random }: Pick<Services, "health" | "now" | "random">,
  {
    caller,
    priority,
    place,
    metadata,
    ...asked
  }: Pick<RequestCall, "caller" | "priority" | "place" | "metadata"> & Asked,
): Plan =>
  planTargets({
    route: asked.route,
    task: asked.task,
    body: asked.body,
    streamed: asked.streamed,
    brokeAt: asked.brokeAt,
    tenant: caller.tenant,
    priority,
    place,
    metadata,
    now: now(),
    roll: random(),
    health,
  });
