import { listRoutes } from "../../domain/routing/catalog.ts";
import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/** The Worker runs; touches nothing. */
export const handleHealth: OpenHandler = async () => respondJson({ status: "ok" });

/**
 * 200 when storage answers and every route that has a configured provider can be used. Routes none of
 * whose providers are configured are listed with what they lack, and don't count; nor do targets that the
 * deployment has set up wrongly, of which the latest calls of this isolate tell.
 */
export const handleReady: OpenHandler = async (_request, _context, gateway) => {
  const storage = await gateway.probeStorage();
  const routes = listRoutes(gateway.release.catalog).map(({ name, task, targets, missing }) => ({
    name,
    task,
    status: targets.length > 0 ? "ready" : "not_configured",
    ...(missing.length > 0 ? { missing } : {}),
    ...tellTroubles(gateway.troubles.of(name)),
  }));
  const status = storage ? "ready" : "not_ready";
  return respondJson({ status, storage: storage ? "ok" : "failed", routes }, {}, storage ? 200 : 503);
};

const tellTroubles = (failing: readonly string[]) => (failing.length > 0 ? { failing } : {});
