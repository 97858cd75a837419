import type { Config } from "../../contract/config/config.ts";
import type { Catalog } from "../routing/catalog.ts";

/** One state of the live config. A request keeps the release that it began with. */
export interface Release {
  /** Tells one config from another; in every response. */
  readonly version: string;
  readonly config: Config;
  readonly catalog: Catalog;
}
