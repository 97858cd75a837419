import type { Defer } from "../../domain/facts/fact.ts";
import { err } from "../../domain/result.ts";
import { type Catalog, resolveRoute } from "../../domain/routing/catalog.ts";
import { failure } from "../../domain/routing/upstream-failure.ts";
import type { GroupAnswer, SharedCall } from "../../domain/windows/request-window-protocol.ts";
import type { Services } from "../services.ts";
import { repeatGroup } from "./repeat-group.ts";

/** Makes the call of a window of requests, under the current release. */
export async function callForWindow(
  services: Services,
  catalog: Catalog,
  { spec, ...call }: SharedCall,
  defer: Defer,
): Promise<readonly GroupAnswer[]> {
  const route = resolveRoute(catalog, spec.route, spec.task);
  const target = route.ok ? route.value.targets.find(({ label }) => label === spec.target) : undefined;
  if (!route.ok || !target) {
    return call.entries.map(() => err(failure("not_configured", "the target has gone")));
  }
  const { task, parameters } = spec;
  const to = { route: route.value, target };
  const answers = await repeatGroup(services, route.value, { ...call, to, task, parameters, defer });
  services.tell.flush(defer);
  return answers;
}
