import type { Model, ModelList } from "../../contract/responses.ts";
import { findModel, listModels, type ModelEntry } from "../../domain/routing/list-models.ts";
import type { AdmittedHandler } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";

/** Lists the routes that can be used now, and the models of providers whose models are known. */
export const handleListModels: AdmittedHandler = async (_request, _call, _context, { release }) =>
  respondJson({ object: "list", data: listModels(release.catalog).map(describe) } satisfies ModelList);

/** Finds a route, or a model as `provider/model`, by its name, as it is or encoded. */
export const handleFindModel: AdmittedHandler = async (request, _call, context, { release }) => {
  const found = findModel(release.catalog, decode(request.params?.["id"] ?? ""));
  return found.ok
    ? respondJson(describe(found.value))
    : respondError({ ...found.error, param: "id" }, context);
};

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Clients sort by it and show it as a date; nothing is known of when a route was made. */
const CREATED = Date.UTC(2026, 0) / 1000;

const describe = ({ name, owner, task }: ModelEntry): Model => ({
  id: name,
  object: "model",
  created: CREATED,
  owned_by: owner,
  task,
});
