/**
 * What isolates tell each other of a provider, through one object a provider and region. Times are milliseconds
 * since the epoch, by the clock of whoever tells.
 */

/** What is told to those that may not call. */
type Refusal = "rate_limited" | "overloaded";

/** How a target's breaker was set in the isolate that tells. */
export interface SharedBreaker {
  /** The target's model, and its region where it has one. */
  readonly name: string;
  /** When it was set so: the latest word counts. */
  readonly at: number;
  /** Until when the target is left alone; 0 where the breaker was closed. */
  readonly openUntil: number;
  readonly code: Refusal;
}

/** How a provider answered a probe, which no model is judged by. */
export interface ProbeReport {
  readonly at: number;
  /** Whether there was an answer at all. */
  readonly reachable: boolean;
  readonly status: number | null;
}

/** What an object knows of its provider. */
export interface ProviderHealth {
  readonly breakers: readonly SharedBreaker[];
  readonly probe: ProbeReport | undefined;
}

export interface ProviderHealthPort {
  /** Takes news of breakers, and gives what is known of all. */
  share(news: readonly SharedBreaker[]): Promise<ProviderHealth>;
  tellProbe(report: ProbeReport): Promise<void>;
}

/** Where isolates are that no client's request tells of, and where probes are made from. */
export const NO_REGION = "ZZ";

/**
 * The shard rule: isolates of one continent share what they know, for a provider may be well in one and down in
 * another. Each asks once in ten seconds, so that an object takes some thousands of isolates.
 */
export const healthObjectName = (provider: string, region: string): string => `${provider}\n${region}`;
