import type { ProviderConfig } from "../../contract/config/config.ts";
import type { BuiltInKind } from "../../contract/config/providers.ts";
import type { Connection, LocalAdapter, ProviderAdapter, ProviderRequest } from "./adapter.ts";

/** A request that asks for nothing that is billed. */
export type ProbeRequest = Pick<ProviderRequest, "url" | "headers">;

/** A kind of provider that is reached by HTTP, or through a binding. */
export interface RemoteKind<C extends ProviderConfig = ProviderConfig> {
  readonly runsIn?: "provider";
  /** Makes the adapter of a provider with this config. */
  adapter(config: C): ProviderAdapter;
  /** Its address where the config gives none. */
  baseUrl?(config: C): string | undefined;
  /** Headers of clients that are passed on to it, in lower case; never credentials. */
  clientHeaders?(config: C): readonly string[] | undefined;
  /** The request that shows whether it can be reached, and costs nothing: its list of models. */
  probe?(connection: Connection, config: C): ProbeRequest;
  /** The binding that takes its calls; without it the provider is unavailable. */
  readonly binding?: string;
}

/** A kind whose models run inside the Worker: no network, no key, no cost, and open to every client. */
export interface LocalKind {
  readonly runsIn: "worker";
  adapter(): LocalAdapter;
}

export type ProviderKind = RemoteKind | LocalKind;

/** The kinds of provider that a deployment has, by what the config calls them. */
export type Registry = Readonly<Record<string, ProviderKind>>;

/** The kinds that come with every deployment, each made of its own part of the config. */
export type BuiltInKinds = {
  readonly [K in BuiltInKind]: RemoteKind<Extract<ProviderConfig, { kind: K }>>;
};

/** The kind of a provider of a config that was checked against the same registry. */
export function kindOf(registry: Registry, { kind }: ProviderConfig): ProviderKind {
  const found = registry[kind];
  if (!found) throw new Error(`no provider is of the kind ${kind}`);
  return found;
}
