import { type Config, type ProviderConfig, type RouteConfig, routeSchema } from "../contract/config.ts";
import type { Task } from "../contract/requests.ts";
import type { Connection, ProviderAdapter, TaskAdapter } from "./adapter.ts";
import { err, ok, type Result } from "./result.ts";

/** One provider + model of a route, with all that a call of it needs. */
export interface Target {
  /** `targets[1]=openai/gpt-4o-mini`: its place in the route and its name. */
  readonly label: string;
  readonly provider: string;
  readonly model: string;
  readonly price: RouteConfig["targets"][number]["price"];
  readonly adapter: TaskAdapter<Task>;
  readonly connection: Connection;
}

export interface Route extends Omit<RouteConfig, "targets"> {
  readonly name: string;
  /** In order of preference; those whose provider is not configured are left out. */
  readonly targets: readonly Target[];
  /** What to set to make the missing targets usable. */
  readonly missing: readonly string[];
}

/** A provider as this deployment has it: ready to call, or lacking a secret or variable. */
export type Provider =
  | {
      readonly available: true;
      readonly direct: boolean;
      readonly adapter: ProviderAdapter;
      readonly connection: Connection;
    }
  | { readonly available: false; readonly direct: boolean; readonly missing: string };

export type Registry = { readonly [Kind in ProviderConfig["kind"]]: ProviderAdapter };
export type ReadSetting = (name: string) => string | undefined;

export interface Catalog {
  readonly routes: ReadonlyMap<string, Route>;
  readonly providers: ReadonlyMap<string, Provider>;
}

/** Joins the config with the deployment's secrets and variables; done once, when the Worker starts. */
export function buildCatalog(config: Config, registry: Registry, read: ReadSetting): Catalog {
  const providers = new Map(
    Object.entries(config.providers).map(([name, entry]) => [name, connect(entry, registry, read)]),
  );
  const routes = new Map(
    Object.entries(config.routes).map(([name, route]) => [name, buildRoute(name, route, providers)]),
  );
  return { routes, providers };
}

function connect(config: ProviderConfig, registry: Registry, read: ReadSetting): Provider {
  const adapter = registry[config.kind];
  const connection = { baseUrl: "", apiKey: undefined, headers: {} };
  if (config.kind === "embedded") return { available: true, direct: true, adapter, connection };
  const direct = config.direct === true;
  const baseUrl = read(config.baseUrl.variable) ?? config.baseUrl.fallback;
  if (baseUrl === undefined)
    return { available: false, direct, missing: `variable ${config.baseUrl.variable}` };
  const apiKey = config.apiKey && read(config.apiKey.secret);
  if (config.apiKey && apiKey === undefined) {
    return { available: false, direct, missing: `secret ${config.apiKey.secret}` };
  }
  return {
    available: true,
    direct,
    adapter,
    connection: { baseUrl: baseUrl.replace(/\/+$/, ""), apiKey, headers: config.headers ?? {} },
  };
}

function buildRoute(name: string, config: RouteConfig, providers: ReadonlyMap<string, Provider>): Route {
  const targets: Target[] = [];
  const missing: string[] = [];
  for (const [index, target] of config.targets.entries()) {
    const provider = providers.get(target.provider);
    if (!provider) continue;
    const adapter = provider.available ? provider.adapter[config.task] : undefined;
    if (!provider.available) missing.push(provider.missing);
    else if (adapter) {
      const label = `targets[${index}]=${target.provider}/${target.model}`;
      const { connection } = provider;
      targets.push({ label, ...target, price: target.price, adapter, connection });
    }
  }
  return { ...config, name, targets, missing };
}

/**
 * Finds what a client's `model` means: a route of that task, or `provider/model` where the provider
 * may be used directly. A route of another task is as good as none.
 */
export function resolveRoute(catalog: Catalog, model: string, task: Task): Result<Route, NoRoute> {
  const route = catalog.routes.get(model) ?? buildDirectRoute(catalog, model, task);
  if (route?.task !== task) return err({ code: "model_not_found", param: "model" });
  if (route.targets.length > 0) return ok(route);
  const settings = [...new Set(route.missing)].join(" or the ");
  return err({ code: "not_configured", message: `Set the ${settings} to use this model.` });
}

export interface NoRoute {
  readonly code: "model_not_found" | "not_configured";
  readonly message?: string;
  readonly param?: string;
}

/** It goes into response headers, which take no more. */
const DIRECT_MODEL = /^[\x21-\x7e]{1,200}$/;

function buildDirectRoute(catalog: Catalog, name: string, task: Task): Route | undefined {
  const slash = name.indexOf("/");
  const provider = catalog.providers.get(name.slice(0, slash));
  const model = name.slice(slash + 1);
  if (slash < 1 || !provider || !DIRECT_MODEL.test(model)) return undefined;
  if (!provider.direct || (provider.available && !provider.adapter[task])) return undefined;
  const config = routeSchema.parse({ task, targets: [{ provider: name.slice(0, slash), model }] });
  return buildRoute(name, config, catalog.providers);
}

/** What clients may ask for by name, with the task each is for. */
export const listRoutes = (catalog: Catalog): Route[] => [...catalog.routes.values()];
