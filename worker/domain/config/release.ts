import type { Config } from "../../contract/config/config.ts";
import type { Catalog } from "../routing/catalog.ts";

/** One state of the live config. A request keeps the release that it began with. */
export interface Release {
  /** Tells one config from another; in every response. */
  readonly version: string;
  readonly config: Config;
  readonly catalog: Catalog;
}

/** What a tenant's requests must not leave; undefined where they may go anywhere. */
export const jurisdictionOf = ({ config }: Release, tenant: string): string | undefined =>
  config.tenants[tenant]?.jurisdiction;

/** The jurisdiction that a tenant's objects are kept in; undefined where they may be anywhere. */
export const pinOf = ({ config }: Release, tenant: string): string | undefined =>
  config.tenants[tenant]?.pinObjects === true ? config.tenants[tenant].jurisdiction : undefined;
