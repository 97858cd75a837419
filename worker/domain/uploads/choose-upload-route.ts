import type { GatewayError } from "../../contract/errors.ts";
import { type Catalog, listRoutes, resolveRoute, type Route } from "../routing/catalog.ts";
import { err, type Result } from "../result.ts";

/**
 * Finds the route of an upload: the one that it names, where the name is known before the recording is passed
 * on; else the only transcription route, where there is exactly one.
 */
export function chooseUploadRoute(catalog: Catalog, named: string | undefined): Result<Route, GatewayError> {
  if (named !== undefined) return resolveRoute(catalog, named, "transcriptions");
  const [first, second] = listUploadRoutes(catalog);
  if (!first) return err({ code: "model_not_found", param: "model" });
  if (!second) return resolveRoute(catalog, first.name, "transcriptions");
  const message =
    "The form's first 26 MB hold no field 'model': send it before 'file', or name the model in the query: ?model=…";
  return err({ code: "invalid_request", param: "model", message });
}

/** Whether only the form's `model` tells which route is meant. */
export const needsModel = (catalog: Catalog): boolean => listUploadRoutes(catalog).length > 1;

const listUploadRoutes = (catalog: Catalog): Route[] =>
  listRoutes(catalog).filter(({ task }) => task === "transcriptions");

/** The error for a form whose `model` comes after the recording and names another route than the one in use. */
export function refuseLateModel(catalog: Catalog, route: Route, named: string): GatewayError | undefined {
  const found = resolveRoute(catalog, named, "transcriptions");
  if (!found.ok) return found.error;
  if (found.value.name === route.name) return undefined;
  const message = "Send the field 'model' before 'file' to use this model.";
  return { code: "invalid_request", param: "model", message };
}
