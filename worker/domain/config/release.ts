import type { Config } from "../../contract/config/config.ts";
import type { Catalog } from "../routing/catalog.ts";

/**
 * One state of the config, joined with the deployment's secrets. A request is decided from its start to
 * its end by the release that was in force when it began, whatever comes into force meanwhile.
 */
export interface Release {
  /** Tells one config from another; in every response. */
  readonly version: string;
  readonly config: Config;
  readonly catalog: Catalog;
}
