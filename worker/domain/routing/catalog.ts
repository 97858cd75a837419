import type { Config, RegionConfig, RouteConfig, TargetConfig } from "../../contract/config/config.ts";
import { routeSchema } from "../../contract/config/routes.ts";
import { ROUTE_TASKS, type RouteTask, routeTaskOf, type Task } from "../../contract/requests.ts";
import { flattenTargets } from "../config/flatten-targets.ts";
import type { ProviderAdapter } from "./adapter.ts";
import { type Condition, type ConditionScope, parseCondition } from "./condition.ts";
import { connectProvider, type Provider, type Reached, type ReadSetting } from "./connect-provider.ts";
import { knownModels } from "./known-models.ts";
import { type NoRoute, refuseProvider, refuseTask, refuseUnknown } from "./no-route.ts";
import type { Registry } from "./provider-kind.ts";
import { RateCard } from "../money/rates.ts";
import { err, ok, type Result } from "../result.ts";
import { addText, START } from "./spread.ts";

/** One provider + model of a route, with all that a call of it needs. */
export interface Target extends Reached, Omit<TargetConfig, "region" | "drained"> {
  /** `targets[1]=openai/gpt-4o-mini`: its place in the route and its name. */
  readonly label: string;
  /** Of its name: tells it from the others wherever it stands in the route. */
  readonly hash: number;
  readonly rates: RateCard;
  /** What has to be true of a request: the conditions of its route, and its own. */
  readonly conditions: readonly Condition[];
  /** The name of its region, and where that is. */
  readonly region: string | undefined;
  readonly location: RegionConfig | undefined;
}

export interface Route extends Omit<RouteConfig, "targets"> {
  readonly name: string;
  /** In order of preference; those whose provider is not configured are left out. */
  readonly targets: readonly Target[];
  /** What to set to make the missing targets usable. */
  readonly missing: readonly string[];
  /** The client has named the provider and the model itself. */
  readonly direct?: true;
}

export interface Catalog {
  readonly routes: ReadonlyMap<string, Route>;
  /** Other names of routes. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly providers: ReadonlyMap<string, Provider>;
  /** The result of resolving each route; made once, so that resolving allocates nothing. */
  readonly found: ReadonlyMap<string, Found>;
  /** The same for the latest MAX_DIRECT names of the form `provider/model`, by task and name. */
  readonly direct: Map<string, Found>;
}

type Found = Result<Route, NoRoute>;

/** The most routes of the form `provider/model` that are kept; each takes some 2 KB. */
const MAX_DIRECT = 500;

/** Joins the config with the deployment's secrets and variables; done once a release. */
export function buildCatalog(config: Config, registry: Registry, read: ReadSetting): Catalog {
  const providers = new Map(
    Object.entries(config.providers).map(([name, entry]) => [name, connectProvider(entry, registry, read)]),
  );
  const routes = new Map(
    Object.keys(config.routes).map((name) => [name, buildRoute(config, name, providers)]),
  );
  const aliases = new Map(Object.entries(config.aliases));
  const found = new Map([...routes].map(([name, route]) => [name, findUsable(route)]));
  return { routes, aliases, providers, found, direct: new Map() };
}

type Places = Pick<Config, "routes" | "regions">;

/** Throws on a config that was not checked. */
function buildRoute(config: Places, name: string, providers: ReadonlyMap<string, Provider>): Route {
  const route = config.routes[name];
  const flat = flattenTargets(config.routes, name);
  if (!route || !flat.ok) throw new Error(`the route ${name} was not checked`);
  const targets: Target[] = [];
  const missing: string[] = [];
  const conditionsOf = createConditions();
  for (const { place, target, within } of flat.value) {
    const provider = providers.get(target.provider);
    if (!provider) continue;
    if (!provider.available) missing.push(provider.missing);
    else if (provider.adapter[route.task]) {
      const label = `${place}=${target.provider}/${target.model}`;
      const { adapter, runsIn, breaker } = provider;
      const drained = target.drained ?? provider.drained;
      const connection = { ...provider.connection, unavailableTools: route.unavailableTools };
      const { region } = target;
      const location = region === undefined ? undefined : config.regions[region];
      const reached = { ...target, region, location, adapter, runsIn, breaker, drained, connection };
      const outer = [route.when, ...within].flatMap((text) => conditionsOf(text, "route"));
      const conditions = [...outer, ...conditionsOf(target.when, "target")];
      const known = { hash: hashName(target, targets), rates: new RateCard(reached) };
      targets.push({ ...reached, ...known, label, conditions });
    }
  }
  return { ...route, name, targets, missing };
}

/** The same name twice, as with two tiers of one model, are two targets all the same. */
function hashName({ provider, model }: TargetConfig, before: readonly Target[]): number {
  const same = before.filter((other) => other.provider === provider && other.model === model).length;
  return addText(START, `${provider}/${model}/${same}`);
}

/** Reads conditions; the same one on a route is the same for all of its targets, so that it is asked once. */
function createConditions() {
  const known = new Map<string, Condition>();
  return (text: string | undefined, scope: ConditionScope): Condition[] => {
    if (text === undefined) return [];
    if (scope === "target") return [unwrap(parseCondition(text, scope))];
    const condition = known.get(text) ?? unwrap(parseCondition(text, scope));
    known.set(text, condition);
    return [condition];
  };
}

/** Throws on a config that was not checked. */
function unwrap(parsed: Result<Condition, string>): Condition {
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function findUsable(route: Route): Found {
  if (route.targets.length > 0) return ok(route);
  const settings = [...new Set(route.missing)].join(" or the ");
  return err({ code: "not_configured", message: `Set the ${settings} to use this model.` });
}

/**
 * Finds what a client's `model` means: a route of that task, or `provider/model` where the provider
 * may be used directly. A route of another task counts as not found.
 */
export function resolveRoute(catalog: Catalog, model: string, asked: Task | RouteTask): Found {
  const task = asked === "transcriptions" ? asked : routeTaskOf(asked);
  const route = findRoute(catalog, model);
  if (!route) return resolveDirect(catalog, model, task);
  if (route.task !== task) return err(refuseTask(model, route.task, task));
  return catalog.found.get(route.name) ?? err(refuseUnknown(model));
}

/** A route by its name or by another one that the config has for it. */
export const findRoute = ({ routes, aliases }: Catalog, name: string): Route | undefined =>
  routes.get(name) ?? routes.get(aliases.get(name) ?? name);

function resolveDirect(catalog: Catalog, name: string, task: RouteTask): Found {
  const slash = name.indexOf("/");
  if (slash < 1) return err(refuseUnknown(name));
  const { direct } = catalog;
  const key = `${task} ${name}`;
  const known = direct.get(key);
  if (known) return known;
  const target = { provider: name.slice(0, slash), model: name.slice(slash + 1) };
  const route = buildDirectRoute(catalog, target, task);
  if (!route.ok) return route;
  const found = findUsable(route.value);
  const oldest = direct.keys().next();
  if (direct.size >= MAX_DIRECT && !oldest.done) direct.delete(oldest.value);
  direct.set(key, found);
  return found;
}

/** The model is written into response headers, which take only these characters. */
const DIRECT_MODEL = /^[\x21-\x7e]{1,200}$/;

function buildDirectRoute(
  { providers }: Catalog,
  target: { readonly provider: string; readonly model: string },
  task: RouteTask,
): Found {
  const name = `${target.provider}/${target.model}`;
  const provider = providers.get(target.provider);
  if (!provider?.direct || !DIRECT_MODEL.test(target.model)) return err(refuseUnknown(name));
  if (provider.available && !provider.adapter[task]) {
    return err(refuseProvider(target.provider, listTasks(provider.adapter), task));
  }
  const known = provider.available ? knownModels(provider.adapter, task) : undefined;
  if (known?.includes(target.model) === false) return err(refuseUnknown(name));
  const routes = { [name]: routeSchema.parse({ task, targets: [target] }) };
  return ok({ ...buildRoute({ routes, regions: {} }, name, providers), direct: true });
}

/** The tasks that a provider offers. */
export const listTasks = (adapter: ProviderAdapter): RouteTask[] =>
  ROUTE_TASKS.filter((task) => adapter[task] !== undefined);

/** What clients may ask for by name, with the task each is for. */
export const listRoutes = (catalog: Catalog): Route[] => [...catalog.routes.values()];
