import { WRANGLER_ENVIRONMENT as OF_THE_LAUNCHER } from "../../scripts/launcher/wrangler.ts";

/** As the product's own commands start wrangler, and with less in its log. */
export const WRANGLER_ENVIRONMENT: Readonly<Record<string, string>> = {
  ...OF_THE_LAUNCHER,
  WRANGLER_LOG: "error",
};
