import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { RouteTask } from "../../contract/requests.ts";

/** Why a client's `model` is of no use for what it asks. */
export interface NoRoute {
  readonly code: "model_not_found" | "not_configured";
  readonly message?: string;
  readonly param?: string;
}

const missing = (message: string): NoRoute => ({ code: "model_not_found", param: "model", message });

/** There is no route or provider of this name. */
export const refuseUnknown = (model: string): NoRoute =>
  missing(`There is no model ${show(model)}; GET ${ENDPOINTS.listModels.path} lists them.`);

/** There is one, for another task than the request's. */
export const refuseTask = (model: string, task: RouteTask, asked: RouteTask): NoRoute =>
  missing(`The model ${show(model)} is for ${task}, not ${asked}: ask it at ${ENDPOINTS[task].path}.`);

/** The client has named a provider itself, which lacks the task. */
export const refuseProvider = (provider: string, tasks: readonly RouteTask[], asked: RouteTask): NoRoute =>
  missing(`The provider ${show(provider)} offers no ${asked}; it offers ${tasks.join(", ")}.`);

const MAX_SHOWN = 100;
const show = (name: string): string => `'${JSON.stringify(name.slice(0, MAX_SHOWN)).slice(1, -1)}'`;
