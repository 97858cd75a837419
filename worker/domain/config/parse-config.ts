import * as z from "zod/mini";
import { type Config, configSchemaOf, type RouteConfig } from "../../contract/config/config.ts";
import { ROUTE_TASKS } from "../../contract/requests.ts";
import { WINDOW_FIELDS } from "../windows/window-items.ts";
import { parseCondition } from "../routing/condition.ts";
import { knownModels } from "../routing/known-models.ts";
import type { ProviderAdapter } from "../routing/adapter.ts";
import { kindOf, type Registry } from "../routing/provider-kind.ts";
import { deepest, writePath } from "../requests/parse-request.ts";
import { err, ok, type Result } from "../result.ts";
import { findUnequalLimits } from "./find-unequal-limits.ts";
import { flattenTargets } from "./flatten-targets.ts";

/**
 * Checks the whole config against the kinds of provider that there are; the error is one line that names
 * the path and what is allowed there, and for a condition the place in it on two lines more.
 */
export function parseConfig(input: unknown, registry: Registry): Result<Config, string> {
  const kinds = Object.entries(registry).map(([kind, { runsIn = "provider" }]) => ({ kind, runsIn }));
  const parsed = z.safeParse(configSchemaOf(kinds), input);
  if (!parsed.success) {
    const issue = deepest(parsed.error.issues);
    return err(`headrace.config.ts: ${writePath(issue.path) || "config"}: ${issue.message}`);
  }
  const wrong =
    findWrongName(parsed.data) ??
    findWrongTarget(parsed.data, registry) ??
    findWrongCondition(parsed.data) ??
    findUnequalLimits(parsed.data);
  return wrong === undefined ? ok(parsed.data) : err(`headrace.config.ts: ${wrong}`);
}

/** What names something else that is not there, or is another thing. */
function findWrongName({ routes, aliases, regions, providers, tenants }: Config): string | undefined {
  for (const name of Object.keys(routes)) {
    const flat = flattenTargets(routes, name);
    if (!flat.ok) return flat.error;
    const astray = flat.value.find(
      ({ target: { region } }) => region !== undefined && !Object.hasOwn(regions, region),
    );
    if (astray)
      return `routes.${name}.${astray.place}.region: there is no region '${astray.target.region}' in 'regions'`;
  }
  for (const [alias, route] of Object.entries(aliases)) {
    if (!Object.hasOwn(routes, route)) return `aliases.${alias}: there is no route '${route}'`;
    if (Object.hasOwn(routes, alias)) return `aliases.${alias}: there is a route of that name`;
    const provider = alias.includes("/") ? alias.slice(0, alias.indexOf("/")) : undefined;
    if (provider !== undefined && Object.hasOwn(providers, provider))
      return `aliases.${alias}: '${provider}' is a provider, whose models have such names`;
  }
  const [lawless] =
    Object.entries(tenants).find(([, each]) => each.pinObjects && !PINNED.has(each.jurisdiction)) ?? [];
  return (
    lawless &&
    `tenants.${lawless}.pinObjects: needs a jurisdiction of Cloudflare's: ${[...PINNED].join(", ")}`
  );
}

/** The jurisdictions that objects can be pinned to. */
const PINNED: ReadonlySet<unknown> = new Set(["eu", "fedramp"]);

function findWrongTarget(config: Config, registry: Registry): string | undefined {
  const names = Object.keys(config.providers);
  for (const [routeName, route] of Object.entries(config.routes)) {
    const wrong = findWrongSharing(routeName, route);
    if (wrong !== undefined) return wrong;
    for (const [index, target] of route.targets.entries()) {
      if ("route" in target) continue;
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

function findWrongSharing(name: string, { task, window, jobs, hedge }: RouteConfig): string | undefined {
  const sharing = window ? "window" : jobs.window ? "jobs.window" : undefined;
  if (sharing !== undefined && !Object.hasOwn(WINDOW_FIELDS, task)) {
    const tasks = Object.keys(WINDOW_FIELDS).join(", ");
    return `routes.${name}.${sharing}: ${task} has no items to share a call; ${tasks} have`;
  }
  if (!hedge || !window) return undefined;
  return `routes.${name}.hedge: requests of a window share their calls; leave out this, or window`;
}

function findWrongCondition({ routes }: Config): string | undefined {
  for (const [name, route] of Object.entries(routes)) {
    const texts = [
      { path: "when", text: route.when, scope: "route" as const },
      ...route.targets.map((target, index) => ({
        path: `targets[${index}].when`,
        text: target.when,
        scope: "route" in target ? ("route" as const) : ("target" as const),
      })),
    ];
    for (const { path, text, scope } of texts) {
      const parsed = text === undefined ? undefined : parseCondition(text, scope);
      if (parsed?.ok === false) return `routes.${name}.${path}: ${parsed.error}`;
    }
    if (route.jobs.window && hasConditions(routes, name)) return `routes.${name}.jobs.window: ${SHARED}`;
  }
  return undefined;
}

function hasConditions(routes: Config["routes"], name: string): boolean {
  const flat = flattenTargets(routes, name);
  const isConditional = flat.ok && flat.value.some(({ target, within }) => target.when ?? within.length > 0);
  return routes[name]?.when !== undefined || isConditional;
}

const SHARED = "jobs that wait in a window share their targets, which may then have no conditions";
