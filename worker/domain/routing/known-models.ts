import type { RouteTask } from "../../contract/requests.ts";
import type { ProviderAdapter } from "./adapter.ts";

/** The models that a provider has for a task; undefined where only the provider itself knows. */
export const knownModels = ({ models }: ProviderAdapter, task: RouteTask): readonly string[] | undefined =>
  models && (task === "transcriptions" ? [] : models[task]);
