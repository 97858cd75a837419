import type { Model, ModelList } from "../../contract/responses.ts";
import { listRoutes, type Route } from "../../domain/routing/catalog.ts";
import type { Gateway } from "../gateway.ts";
import type { AdmittedHandler } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";

/** Lists the routes that can be used now. */
export const handleListModels: AdmittedHandler = async (_request, _call, _context, gateway) =>
  respondJson({ object: "list", data: listModels(gateway) } satisfies ModelList);

/** Finds one of them by its name, as it is or encoded. */
export const handleFindModel: AdmittedHandler = async (request, _call, context, gateway) => {
  const id = request.params?.["id"];
  const model = listModels(gateway).find((each) => encodeURIComponent(each.id) === id || each.id === id);
  return model ? respondJson(model) : respondError({ code: "model_not_found", param: "id" }, context);
};

const listModels = ({ release }: Gateway): Model[] =>
  listRoutes(release.catalog).filter(isUsable).map(describe);

const isUsable = (route: Route) => route.targets.length > 0;

const describe = (route: Route): Model => ({
  id: route.name,
  object: "model",
  created: 0,
  owned_by: "headrace",
  task: route.task,
});
