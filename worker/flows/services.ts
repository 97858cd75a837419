import type { Tell } from "../domain/facts/fact.ts";
import type { CallBudgets } from "../platform/call-budgets.ts";
import type { CallProvider } from "../platform/call-provider.ts";
import type { HealthSharing } from "../platform/health-sharing.ts";
import type { KnownTargets } from "../platform/known-targets.ts";
import type { Log } from "../platform/log.ts";
import type { ProviderKeys } from "../platform/provider-keys.ts";
import type { AskHealth } from "../platform/provider-health.ts";
import type { RequestWindows } from "../platform/request-windows.ts";
import type { TargetHealth } from "../platform/target-health.ts";
import type { RouteHistories } from "../platform/route-histories.ts";
import type { TargetSlots } from "../platform/target-slots.ts";
import type { TieredCache } from "../platform/tiered-cache.ts";
import type { Flights } from "../streams/flights.ts";
import type { HeldBytes } from "../domain/answers/held-bytes.ts";
import type { FlightHead } from "./inference/flight-head.ts";

/** What the flows are given to work with; built once for each isolate. */
export interface Services {
  readonly cache: TieredCache;
  readonly flights: Flights<FlightHead>;
  /** What the isolate holds of answers on their way. */
  readonly held: HeldBytes;
  readonly histories: RouteHistories;
  readonly callProvider: CallProvider;
  /** Extra calls: retries by target, hedges by route. */
  readonly budgets: CallBudgets;
  readonly windows: RequestWindows;
  /** Targets that have refused to be asked for a stream's usage. */
  readonly withoutOptions: KnownTargets;
  /** Targets whose last stream had nothing in it that had to be changed for clients. */
  readonly inForm: KnownTargets;
  /** How targets are: which keep failing, and how long they take. */
  readonly health: TargetHealth;
  /** The keys of providers that have several. */
  readonly keys: ProviderKeys;
  /** Shares with other isolates how targets are. */
  readonly sharing: Pick<HealthSharing, "touch" | "locate">;
  /** Asks what is known of a provider elsewhere. */
  readonly askHealth: AskHealth;
  /** Which calls run of targets that take only so many at once. */
  readonly slots: TargetSlots;
  /** Tells a fact to all listeners. */
  readonly tell: Tell;
  /** Takes the deployment's secrets out of a text. */
  readonly hideSecrets: (text: string) => string;
  /** For what went wrong in the gateway itself. */
  readonly log: Log;
  readonly now: () => number;
  /** Uniform in (0, 1]. */
  readonly random: () => number;
  /** Waits so many milliseconds, or less where the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}
