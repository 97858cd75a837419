import type { Route, Target } from "../../domain/routing/catalog.ts";

/** Whom a call goes to, by which route. */
export interface Destination {
  readonly route: Pick<Route, "name" | "timeoutMs" | "direct" | "streams" | "quoteProviderErrors">;
  readonly target: Target;
}
