import type { ProviderConfig, SecretReference, VariableReference } from "../../contract/config/config.ts";
import type { ConcurrencyRule } from "../../contract/config/concurrency.ts";
import { isBaseUrl } from "../../contract/config/references.ts";
import { err, ok, type Result } from "../result.ts";
import type { Connection, ProviderAdapter, ProviderKey } from "./adapter.ts";
import { kindOf, type ProbeRequest, type ProviderKind, type Registry } from "./provider-kind.ts";

/** What a call of a configured provider needs. */
export interface Reached {
  readonly adapter: ProviderAdapter;
  /** Where its models run: what runs in the Worker costs nothing and needs no connection. */
  readonly runsIn: "worker" | "provider";
  readonly connection: Connection;
  /** False where it is called however often it has failed. */
  readonly breaker?: boolean | undefined;
  /** True where it was taken out of use by hand. */
  readonly drained?: boolean | undefined;
  /** The request by which it is probed; undefined where it is not. */
  readonly probe?: ProbeRequest | undefined;
}

/** A provider of this deployment: ready to be called, or without a secret or variable that it needs. */
export type Provider = { readonly direct: boolean } & (
  | ({ readonly available: true } & Reached)
  | { readonly available: false; readonly missing: string }
);

/** Reads a secret or variable of the deployment, or finds whether a binding is there. */
export type ReadSetting = (name: string) => string | undefined;

/** Joins a provider's config with the deployment's secrets and variables. */
export function connectProvider(config: ProviderConfig, registry: Registry, read: ReadSetting): Provider {
  const kind = kindOf(registry, config);
  const { runsIn = "provider" } = kind;
  const { direct: isDirect, breaker, drained, concurrency }: OutsideSettings = config;
  const direct = runsIn === "worker" || isDirect === true;
  const found = findConnection(config, kind, read);
  if (!found.ok) return { available: false, direct, missing: found.error };
  const adapter = kind.adapter(config);
  return {
    available: true,
    direct,
    adapter,
    runsIn,
    breaker,
    drained,
    connection: concurrency ? { ...found.value, concurrency } : found.value,
    probe: findProbe(config, kind, found.value),
  };
}

function findProbe(
  config: ProviderConfig,
  kind: ProviderKind,
  connection: Connection,
): ProbeRequest | undefined {
  const { probe: path }: HttpSettings = config;
  if (kind.runsIn === "worker" || path === false) return undefined;
  const usual = kind.probe?.(connection, config);
  return usual && path !== undefined ? { ...usual, url: connection.baseUrl + path } : usual;
}

interface OutsideSettings {
  readonly direct?: boolean | undefined;
  readonly breaker?: boolean | undefined;
  readonly concurrency?: ConcurrencyRule | undefined;
  readonly drained?: boolean | undefined;
}

/** The settings of providers that are reached by HTTP. */
interface HttpSettings extends OutsideSettings {
  readonly baseUrl?: VariableReference | undefined;
  readonly apiKey?: SecretReference | undefined;
  readonly apiKeys?: readonly SecretReference[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly probe?: string | false | undefined;
}

const NO_CONNECTION: Connection = { baseUrl: "", apiKey: undefined, headers: {} };

/** A provider's address, key and headers; the error names what to set. */
function findConnection(
  config: ProviderConfig,
  kind: ProviderKind,
  read: ReadSetting,
): Result<Connection, string> {
  if (kind.runsIn === "worker") return ok(NO_CONNECTION);
  const { binding } = kind;
  if (binding !== undefined && read(binding) === undefined) return err(`binding ${binding}`);
  const { baseUrl: named, headers = {} }: HttpSettings = config;
  const baseUrl = named ? readVariable(named, read) : ok(kind.baseUrl?.(config));
  if (!baseUrl.ok) return baseUrl;
  if (baseUrl.value === undefined) return err("base URL");
  const keys = readKeys(config, read);
  if (!keys.ok) return keys;
  const passedOn = kind.clientHeaders?.(config);
  return ok({
    baseUrl: baseUrl.value.replace(/\/+$/, ""),
    apiKey: keys.value[0]?.value,
    ...(keys.value.length > 1 ? { keys: keys.value } : {}),
    headers,
    ...(passedOn ? { clientHeaders: passedOn } : {}),
  });
}

/** The keys that are set, each value once; the error names those of which one is needed. */
function readKeys({ apiKey, apiKeys }: HttpSettings, read: ReadSetting): Result<ProviderKey[], string> {
  const references = apiKeys ?? (apiKey ? [apiKey] : []);
  const keys = new Map<string, ProviderKey>();
  for (const { secret: name } of references) {
    const value = read(name);
    if (value !== undefined && !keys.has(value)) keys.set(value, { name, value });
  }
  const isMissing = references.length > 0 && keys.size === 0;
  return isMissing
    ? err(references.map(({ secret }) => `secret ${secret}`).join(" or the "))
    : ok([...keys.values()]);
}

function readVariable({ variable, fallback }: VariableReference, read: ReadSetting): Result<string, string> {
  const value = read(variable) ?? fallback;
  if (value === undefined) return err(`variable ${variable}`);
  return isBaseUrl(value) ? ok(value) : err(`variable ${variable} as a URL with its scheme (https://…)`);
}
