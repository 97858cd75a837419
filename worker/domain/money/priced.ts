import type { TargetConfig } from "../../contract/config/config.ts";

/** What decides the price of what a target is asked. */
export interface Priced {
  readonly model: string;
  /** The config's own; without it, the public list's. */
  readonly price?: TargetConfig["price"];
  /** What runs in the Worker costs nothing. */
  readonly runsIn: "worker" | "provider";
  readonly connection: { readonly baseUrl: string };
}
