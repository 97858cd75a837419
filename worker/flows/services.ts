import type { Catalog } from "../domain/routing/catalog.ts";
import type { RequestWindows } from "../platform/request-windows.ts";
import type { CallProvider } from "../platform/call-provider.ts";
import type { Flights } from "../streams/flights.ts";
import type { Log } from "../platform/log.ts";
import type { RouteHistories } from "../platform/route-histories.ts";
import type { TieredCache } from "../platform/tiered-cache.ts";
import type { SharedHead } from "./inference/fly.ts";

/** What the flows are given to work with; built once an isolate, in app.ts. */
export interface Services {
  readonly catalog: Catalog;
  readonly cache: TieredCache;
  readonly flights: Flights<SharedHead>;
  readonly histories: RouteHistories;
  readonly callProvider: CallProvider;
  readonly windows: RequestWindows;
  readonly log: Log;
  readonly now: () => number;
  /** Uniform in (0, 1]. */
  readonly random: () => number;
}
