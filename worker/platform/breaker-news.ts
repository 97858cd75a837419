import type { SharedBreaker } from "../domain/resilience/provider-health-protocol.ts";

/** The most targets of a provider that are told of at once; past it, the oldest word is not. */
const MAX_NEWS = 100;

/** What an isolate has to tell others of breakers that opened or closed, by provider: of each target the latest. */
export class BreakerNews {
  readonly #news = new Map<string, Map<string, SharedBreaker>>();

  add(provider: string, told: SharedBreaker): void {
    const news = this.#news.get(provider) ?? new Map<string, SharedBreaker>();
    news.delete(told.name);
    const [oldest] = news.keys();
    if (news.size >= MAX_NEWS && oldest !== undefined) news.delete(oldest);
    news.set(told.name, told);
    this.#news.set(provider, news);
  }

  has(provider: string): boolean {
    return this.#news.has(provider);
  }

  take(provider: string): readonly SharedBreaker[] {
    const news = this.#news.get(provider);
    this.#news.delete(provider);
    return news ? [...news.values()] : [];
  }
}
