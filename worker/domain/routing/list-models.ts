import type { RouteTask } from "../../contract/requests.ts";
import { err, ok, type Result } from "../result.ts";
import type { ProviderAdapter } from "./adapter.ts";
import { type Catalog, findRoute, listRoutes, listTasks, type Route } from "./catalog.ts";
import { type NoRoute, refuseUnknown } from "./no-route.ts";

/** Something that clients may name as `model`. */
export interface ModelEntry {
  readonly name: string;
  /** The gateway for its routes, else the provider. */
  readonly owner: string;
  readonly task: RouteTask;
}

/** The routes that can be used now, by all of their names, then the models that are known of providers that clients may use directly. */
export const listModels = (catalog: Catalog): ModelEntry[] => [
  ...listRoutes(catalog)
    .filter(isUsable)
    .map(({ name, task }) => describe(name, task)),
  ...[...catalog.aliases.keys()].flatMap((alias) => describeAlias(catalog, alias)),
  ...listDirect(catalog),
];

/**
 * Finds one by its name. Where a provider's models are not known, any that is named of it is taken to be there:
 * only the provider itself could tell.
 */
export function findModel(catalog: Catalog, name: string): Result<ModelEntry, NoRoute> {
  const route = findRoute(catalog, name);
  if (route) return isUsable(route) ? ok(describe(name, route.task)) : err(refuseUnknown(name));
  const known = listDirect(catalog).find((entry) => entry.name === name);
  if (known) return ok(known);
  const slash = name.indexOf("/");
  const owner = name.slice(0, Math.max(0, slash));
  const provider = catalog.providers.get(owner);
  if (!provider?.available || !provider.direct || provider.adapter.models) return err(refuseUnknown(name));
  const [task] = listTasks(provider.adapter);
  return task && slash < name.length - 1 ? ok({ name, owner, task }) : err(refuseUnknown(name));
}

const isUsable = (route: Route): boolean => route.targets.length > 0;
const describe = (name: string, task: RouteTask): ModelEntry => ({ name, owner: "headrace", task });

/** Clients look for the names that they know. */
function describeAlias(catalog: Catalog, alias: string): ModelEntry[] {
  const route = findRoute(catalog, alias);
  return route && isUsable(route) ? [describe(alias, route.task)] : [];
}

/** Each model once, with the first of its tasks. */
function listDirect({ providers }: Catalog): ModelEntry[] {
  const entries = [...providers].flatMap(([owner, provider]) =>
    provider.direct && provider.available ? listOf(owner, provider.adapter) : [],
  );
  return [...new Map(entries.toReversed().map((entry) => [entry.name, entry])).values()].toReversed();
}

const listOf = (owner: string, { models = {} }: ProviderAdapter): ModelEntry[] =>
  (Object.entries(models) as [RouteTask, readonly string[]][]).flatMap(([task, names]) =>
    names.map((model) => ({ name: `${owner}/${model}`, owner, task })),
  );
