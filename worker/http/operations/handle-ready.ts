import { listRoutes, type Route } from "../../domain/routing/catalog.ts";
import { judgeRoute, tellOutage } from "../../domain/routing/judge-route.ts";
import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/**
 * 200 when storage answers and every route that has a configured provider has a target that can be used, as far as
 * this isolate knows; else 503. Routes none of whose providers are configured are listed with what they lack, and
 * don't count; nor do targets that the deployment has set up wrongly, of which the latest calls tell.
 */
export const handleReady: OpenHandler = async (_request, { now }, gateway) => {
  const { release, troubles, services, readProbes, probeStorage } = gateway;
  const [storage, probes] = await Promise.all([
    probeStorage(),
    readProbes([...release.catalog.providers.keys()]),
  ]);
  const known = { health: services.health, probes, now: now() };
  const outages = ({ targets }: Route) =>
    targets.flatMap((target) => {
      const why = tellOutage(target, known);
      return why === undefined ? [] : `${target.label} ${why}`;
    });
  const routes = listRoutes(release.catalog).map((route) => {
    const { name, task, missing } = route;
    const failing = [...troubles.of(name), ...outages(route)];
    return {
      name,
      task,
      status: judgeRoute(route, known),
      ...(missing.length > 0 ? { missing } : {}),
      ...(failing.length > 0 ? { failing } : {}),
    };
  });
  const isReady = storage && routes.every(({ status }) => status !== "failing");
  const body = { status: isReady ? "ready" : "not_ready", storage: storage ? "ok" : "failed", routes };
  return respondJson(body, {}, isReady ? 200 : 503);
};
