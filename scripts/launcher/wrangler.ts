import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** wrangler's program, for Node to run: the shim in .bin may find another Node. */
export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

/**
 * Keeps wrangler from calling out: no metrics, no look-up of the machine's location, no banner with its
 * update check; and from writing a trace database, or logs in the home folder. It takes the word "false", not
 * "0".
 */
export const WRANGLER_ENVIRONMENT: Readonly<Record<string, string>> = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_WRITE_LOGS: "false",
};
