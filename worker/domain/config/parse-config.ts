import * as z from "zod/mini";
import { type Config, configSchemaOf } from "../../contract/config/config.ts";
import { ROUTE_TASKS } from "../../contract/requests.ts";
import { WINDOW_FIELDS } from "../windows/window-items.ts";
import { knownModels } from "../routing/known-models.ts";
import type { ProviderAdapter } from "../routing/adapter.ts";
import { kindOf, type Registry } from "../routing/provider-kind.ts";
import { deepest, writePath } from "../requests/parse-request.ts";
import { err, ok, type Result } from "../result.ts";

/**
 * Checks the whole config against the kinds of provider that there are; the error is one line that names
 * the path and what is allowed there.
 */
export function parseConfig(input: unknown, registry: Registry): Result<Config, string> {
  const kinds = Object.entries(registry).map(([kind, { runsIn = "provider" }]) => ({ kind, runsIn }));
  const parsed = z.safeParse(configSchemaOf(kinds), input);
  if (!parsed.success) {
    const issue = deepest(parsed.error.issues);
    return err(`headrace.config.ts: ${writePath(issue.path) || "config"}: ${issue.message}`);
  }
  const wrong = findWrongTarget(parsed.data, registry);
  return wrong === undefined ? ok(parsed.data) : err(`headrace.config.ts: ${wrong}`);
}

function findWrongTarget(config: Config, registry: Registry): string | undefined {
  const names = Object.keys(config.providers);
  for (const [routeName, route] of Object.entries(config.routes)) {
    const sharing = route.window ? "window" : route.jobs.window ? "jobs.window" : undefined;
    if (sharing !== undefined && !Object.hasOwn(WINDOW_FIELDS, route.task)) {
      const tasks = Object.keys(WINDOW_FIELDS).join(", ");
      return `routes.${routeName}.${sharing}: ${route.task} has no items to share a call; ${tasks} have`;
    }
    for (const [index, target] of route.targets.entries()) {
      const path = `routes.${routeName}.targets[${index}].provider`;
      const provider = names.includes(target.provider) ? config.providers[target.provider] : undefined;
      if (!provider)
        return `${path}: there is no provider '${target.provider}'; there are: ${names.join(", ")}`;
      const adapter: ProviderAdapter = kindOf(registry, provider).adapter(provider);
      const tasks = ROUTE_TASKS.filter((task) => adapter[task]);
      if (!tasks.includes(route.task)) {
        return `${path}: '${target.provider}' offers ${tasks.join(", ")}, not ${route.task}`;
      }
      const known = knownModels(adapter, route.task);
      if (known && !known.includes(target.model)) {
        const place = `routes.${routeName}.targets[${index}].model`;
        return `${place}: '${target.provider}' has no model '${target.model}' for ${route.task}; it has ${known.join(", ")}`;
      }
    }
  }
  return undefined;
}
