import type { Route, Target } from "../../domain/routing/catalog.ts";

/** Whom a call goes to, by which route. */
export interface Destination {
  readonly route: Pick<
    Route,
    "name" | "timeoutMs" | "firstTokenMs" | "direct" | "streams" | "quoteProviderErrors" | "promptCache"
  >;
  readonly target: Target;
  /** Whether another target is left to be tried after it. */
  readonly hasNext?: boolean;
}
