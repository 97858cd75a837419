import type { GatewayOptions } from "../../helpers/gateway.ts";

/** What the gateway's process is started with: one argument, as JSON. */
export type GatewaySetup = Required<Pick<GatewayOptions, "configPath" | "outDir" | "persistTo" | "vars">>;

/** What it tells the process that started it. */
export type GatewayMessage =
  | { readonly kind: "ready"; readonly url: string }
  /** A line of the Worker's log. */
  | { readonly kind: "event"; readonly event: string };
