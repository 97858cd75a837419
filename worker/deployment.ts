import canonicalize from "canonicalize";
import type { ConfigInput } from "./contract/config/config.ts";
import { createServices, type IsolateServices } from "./create-services.ts";
import { sha256Hex } from "./domain/cache/cache-key.ts";
import { listSecrets } from "./domain/config/list-secrets.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import { pinOf } from "./domain/config/release.ts";
import { ok, type Result } from "./domain/result.ts";
import { buildCatalog } from "./domain/routing/catalog.ts";
import type { Registry } from "./domain/routing/provider-kind.ts";
import type { Gateway } from "./http/gateway.ts";
import { checkEnvironment, type Environment, readMasters, readSetting } from "./platform/environment.ts";
import { learnSecrets } from "./platform/known-secrets.ts";

/**
 * A config deployed in one isolate, for the Worker and the objects alike. It holds what the isolate works with,
 * which stays, and the release in force, which can be replaced between requests: each request or job reads it
 * once and keeps it. Only values are kept here, never promises that another request made.
 */
export class Deployment {
  readonly #config: ConfigInput;
  readonly #registry: Registry;
  #services: IsolateServices | undefined;
  #current: Result<Gateway, string> | undefined;

  /** By the release in force: a tenant's objects are where they are from its first job on. */
  readonly #pinOf = (tenant: string): string | undefined => pinOf(this.gateway.release, tenant);

  constructor(config: ConfigInput, registry: Registry) {
    this.#config = config;
    this.#registry = registry;
  }

  /** The gateway for requests that begin now, or a line that says what is wrong; undefined until opened. */
  get current(): Result<Gateway, string> | undefined {
    return this.#current;
  }

  /** The same for objects, which open the deployment before any call of theirs. Throws where it is wrong. */
  get gateway(): Gateway {
    if (!this.#current) throw new Error("the deployment is not open");
    if (!this.#current.ok) throw new Error(this.#current.error);
    return this.#current.value;
  }

  /** Puts the deployed config in force, unless one is already; gives the one in force. */
  async open(env: Environment): Promise<Result<Gateway, string>> {
    const built = this.#current ?? (await this.#build(env, this.#config));
    return (this.#current ??= built);
  }

  /** Puts another config in force for all that begins from now on; one that is wrong changes nothing. */
  async replace(env: Environment, config: ConfigInput): Promise<Result<Gateway, string>> {
    const built = await this.#build(env, config);
    if (built.ok) this.#current = built;
    return built;
  }

  async #build(env: Environment, input: ConfigInput): Promise<Result<Gateway, string>> {
    const checked = checkEnvironment(env);
    if (!checked.ok) return checked;
    const parsed = parseConfig(input, this.#registry);
    if (!parsed.ok) return parsed;
    const config = parsed.value;
    const read = (name: string) => readSetting(env, name);
    learnSecrets(listSecrets(config, read));
    const { secrets, development } = config.webhooks;
    const masters = readMasters(env, secrets);
    if (!masters.ok) return masters;
    const version = (await sha256Hex(canonicalize(input) ?? "")).slice(0, 12);
    const catalog = buildCatalog(config, this.#registry, read);
    const created = this.#services ?? (await createServices(env, this.#pinOf));
    const { services, webhooks, ...edge } = (this.#services ??= created);
    return ok({
      ...edge,
      release: { version, config, catalog },
      services,
      webhooks: {
        ...webhooks,
        masters: masters.value,
        secretName: secrets[0]?.secret ?? "",
        development,
      },
    });
  }
}
