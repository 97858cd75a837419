import type { Defer } from "../domain/facts/fact.ts";
import { NO_REGION } from "../domain/resilience/provider-health-protocol.ts";
import type { Log } from "./log.ts";
import type { AskHealth } from "./provider-health.ts";
import type { TargetHealth } from "./target-health.ts";

/** How often an isolate asks what others know, and how soon it tells what it has learnt. */
const ASK_MS = 10_000;
const TELL_MS = 1000;

interface SharingOptions {
  readonly ask: AskHealth;
  readonly health: Pick<TargetHealth, "news" | "adopt">;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Shares with the isolates of the same region how targets are: while a provider is called, every ten seconds, and
 * a second after a breaker opened or closed. No request waits for it.
 */
export class HealthSharing {
  readonly #options: SharingOptions;
  /** When each provider was asked for last; as many as the config has. */
  readonly #askedAt = new Map<string, number>();
  #region = NO_REGION;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  /** Learns from a request on which continent the isolate is. */
  locate(request: { readonly cf?: unknown }): void {
    if (this.#region !== NO_REGION) return;
    const { continent } = (request.cf ?? {}) as { readonly continent?: unknown };
    if (typeof continent === "string") this.#region = continent;
  }

  /** A provider was called: shares what is known of it, if it is time to. */
  touch(provider: string, defer: Defer): void {
    const { health, now } = this.#options;
    const waitMs = health.news.has(provider) ? TELL_MS : ASK_MS;
    if (now() < (this.#askedAt.get(provider) ?? -Infinity) + waitMs) return;
    this.#askedAt.set(provider, now());
    defer(this.#share(provider));
  }

  async #share(provider: string): Promise<void> {
    const { ask, health, now, log } = this.#options;
    const news = health.news.take(provider);
    try {
      const { breakers } = await ask(provider, this.#region, (port) => port.share(news));
      health.adopt(breakers, now());
    } catch (error) {
      log.warn("health_not_shared", { provider, error });
    }
  }
}
