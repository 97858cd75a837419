import { listRoutes, type Route } from "../../domain/routing/catalog.ts";
import type { Model, ModelList } from "../../contract/responses.ts";
import { authenticate } from "../../flows/authenticate.ts";
import type { Gateway } from "../gateway.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError, respondJson } from "../respond.ts";

/** Lists the routes that can be used now, or finds one by its name. */
export async function handleModels(
  request: Request & { params?: Record<string, string> },
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> {
  const principal = await authenticate(request.headers, gateway.findKey, gateway.services.log);
  if (!principal.ok) return respondError(principal.error, context);
  const models = listRoutes(gateway.release.catalog).filter(isUsable).map(describe);
  const id = request.params?.["id"];
  if (id === undefined) return respondJson({ object: "list", data: models } satisfies ModelList);
  const model = models.find((each) => encodeURIComponent(each.id) === id || each.id === id);
  return model ? respondJson(model) : respondError({ code: "model_not_found", param: "id" }, context);
}

const isUsable = (route: Route) => route.targets.length > 0;

const describe = (route: Route): Model => ({
  id: route.name,
  object: "model",
  created: 0,
  owned_by: "headrace",
  task: route.task,
});
