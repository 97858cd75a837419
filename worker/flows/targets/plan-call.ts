import { jurisdictionOf } from "../../domain/config/release.ts";
import type { Route } from "../../domain/routing/catalog.ts";
import { type Plan, planTargets } from "../../domain/routing/plan-targets.ts";
import type { Planning } from "../../domain/routing/planning.ts";
import type { RequestCall } from "../call.ts";
import type { Services } from "../services.ts";

type Planned = Pick<RequestCall, "caller" | "release" | "priority" | "place" | "metadata"> &
  Pick<Planning, "task" | "body" | "streamed" | "brokeAt"> & { readonly route: Route };

/** Plans the targets of one request, as health, clock and a roll of the dice are now. */
export const planCall = (
  { health, now, random }: Pick<Services, "health" | "now" | "random">,
  call: Planned,
  { keeps }: Pick<Planning, "keeps">,
): Plan =>
  planTargets({
    route: call.route,
    task: call.task,
    body: call.body,
    streamed: call.streamed,
    keeps,
    brokeAt: call.brokeAt,
    tenant: call.caller.tenant,
    jurisdiction: jurisdictionOf(call.release, call.caller.tenant),
    priority: call.priority ?? call.route.priority,
    place: call.place,
    metadata: call.metadata,
    now: now(),
    roll: random(),
    health,
  });
