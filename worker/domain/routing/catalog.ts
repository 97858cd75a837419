import {
  type Config,
  type ProviderConfig,
  type RouteConfig,
  routeSchema,
  type SecretReference,
  type VariableReference,
} from "../../contract/config/config.ts";
import { type RouteTask, routeTaskOf, type Task } from "../../contract/requests.ts";
import type { Connection, ProviderAdapter } from "./adapter.ts";
import { err, ok, type Result } from "../result.ts";

/** One provider + model of a route, with all that a call of it needs. */
export interface Target {
  /** `targets[1]=openai/gpt-4o-mini`: its place in the route and its name. */
  readonly label: string;
  readonly provider: string;
  readonly model: string;
  readonly price: RouteConfig["targets"][number]["price"];
  readonly adapter: ProviderAdapter;
  readonly connection: Connection;
  /** Whether its answers are computed here, or a provider is called. */
  readonly runsIn: "worker" | "provider";
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

type Kind = ProviderConfig["kind"];
type ConfigOf<K extends Kind> = Extract<ProviderConfig, { kind: K }>;

/** How a kind of provider comes to be: what its config makes of it. */
export interface ProviderKind<K extends Kind> {
  adapter(config: ConfigOf<K>): ProviderAdapter;
  /** Where it is when the config does not say; absent for providers that are not reached by HTTP. */
  baseUrl?(config: ConfigOf<K>): string | undefined;
  /** The binding that takes its calls; without it the provider is unavailable. */
  readonly binding?: string;
}

export type Registry = { readonly [K in Kind]: ProviderKind<K> };

/** The registry's row of a config, which TypeScript cannot tell to be of the same kind by itself. */
export const kindOf = (registry: Registry, config: ProviderConfig): ProviderKind<Kind> =>
  registry[config.kind] as ProviderKind<Kind>;

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
  const kind = kindOf(registry, config);
  const found = findConnection(config, kind, read);
  const direct = config.kind === "embedded" || config.direct === true;
  return found.ok
    ? { available: true, direct, adapter: kind.adapter(config), connection: found.value }
    : { available: false, direct, missing: found.error };
}

/** Where a provider is and what opens it; the error is what to set. */
function findConnection(
  config: ProviderConfig,
  kind: ProviderKind<Kind>,
  read: ReadSetting,
): Result<Connection, string> {
  if (config.kind === "embedded" || config.kind === "workers-ai") {
    return findBinding(kind, kind.baseUrl?.(config), read);
  }
  const baseUrl = config.baseUrl ? readVariable(config.baseUrl, read) : ok(kind.baseUrl?.(config));
  if (!baseUrl.ok) return baseUrl;
  if (baseUrl.value === undefined) return err("base URL");
  const apiKey = readSecret(config.apiKey, read);
  if (!apiKey.ok) return apiKey;
  const headers = config.headers ?? {};
  return ok({ baseUrl: baseUrl.value.replace(/\/+$/, ""), apiKey: apiKey.value, headers });
}

function readSecret(
  reference: SecretReference | undefined,
  read: ReadSetting,
): Result<string | undefined, string> {
  const value = reference && read(reference.secret);
  return reference && value === undefined ? err(`secret ${reference.secret}`) : ok(value);
}

/** A provider that is not reached by HTTP: inside the Worker, or behind a binding. */
function findBinding(
  { binding }: Pick<ProviderKind<Kind>, "binding">,
  baseUrl: string | undefined,
  read: ReadSetting,
): Result<Connection, string> {
  if (binding !== undefined && read(binding) === undefined) return err(`binding ${binding}`);
  return ok({ baseUrl: baseUrl ?? "", apiKey: undefined, headers: {} });
}

function readVariable({ variable, fallback }: VariableReference, read: ReadSetting): Result<string, string> {
  const value = read(variable) ?? fallback;
  return value === undefined ? err(`variable ${variable}`) : ok(value);
}

function buildRoute(name: string, config: RouteConfig, providers: ReadonlyMap<string, Provider>): Route {
  const targets: Target[] = [];
  const missing: string[] = [];
  for (const [index, target] of config.targets.entries()) {
    const provider = providers.get(target.provider);
    if (!provider) continue;
    if (!provider.available) missing.push(provider.missing);
    else if (provider.adapter[config.task]) {
      const label = `targets[${index}]=${target.provider}/${target.model}`;
      const { connection, adapter } = provider;
      const runsIn = connection.baseUrl === "" ? "worker" : "provider";
      targets.push({ label, ...target, price: target.price, adapter, connection, runsIn });
    }
  }
  return { ...config, name, targets, missing };
}

/**
 * Finds what a client's `model` means: a route of that task, or `provider/model` where the provider
 * may be used directly. A route of another task is as good as none.
 */
export function resolveRoute(
  catalog: Catalog,
  model: string,
  asked: Task | RouteTask,
): Result<Route, NoRoute> {
  const task = asked === "transcriptions" ? asked : routeTaskOf(asked);
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

function buildDirectRoute(catalog: Catalog, name: string, task: RouteTask): Route | undefined {
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
