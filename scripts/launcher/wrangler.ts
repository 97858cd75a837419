import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** wrangler's program, for Node to run: the shim in .bin may find another Node. */
export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

/**
 * Keeps wrangler from calling out: no metrics, no look-up of the machine's location, no banner with its
 * update check; from writing a trace database, or logs in the home folder; and from serving its explorer, which
 * reads and writes all storage, keys of the API included, for whoever reaches the gateway's port. It takes the
 * word "false", not "0".
 */
export const WRANGLER_ENVIRONMENT: Readonly<Record<string, string>> = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  WRANGLER_WRITE_LOGS: "false",
};
