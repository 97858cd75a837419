import type { GatewayError } from "../../contract/errors.ts";
import { MODEL_OPTIONAL, routeTaskOf, type Task } from "../../contract/requests.ts";
import { isObject } from "../requests/json-object.ts";
import { err, ok, type Result } from "../result.ts";
import { type Catalog, listRoutes } from "./catalog.ts";

/**
 * Names the route of a request that needs not name it: the only one of its task. The error tells which there
 * are to choose from.
 */
export function nameModel(task: Task, body: unknown, catalog: Catalog): Result<unknown, GatewayError> {
  if (!MODEL_OPTIONAL.has(task) || !isObject(body) || body["model"] != null) return ok(body);
  const wanted = routeTaskOf(task);
  const names = listRoutes(catalog).flatMap((route) =>
    route.task === wanted && route.targets.length > 0 ? [route.name] : [],
  );
  if (names.length === 1) return ok({ ...body, model: names[0] });
  const choice = names.length === 0 ? `there is no route for ${wanted}` : `send one of ${names.join(", ")}`;
  return err({ code: "invalid_request", param: "model", message: `model: ${choice}` });
}
