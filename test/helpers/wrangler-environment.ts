/**
 * Keeps wrangler on this machine: no metrics, no look-up of the machine's place, no update check, no
 * trace database. It takes the word "false", not "0".
 */
export const WRANGLER_ENVIRONMENT: Readonly<Record<string, string>> = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_LOG: "error",
};
