import { percentile } from "./percentile.ts";
import type { Sample } from "./sample.ts";

/** What a pass of requests showed, all of it from the responses. */
export interface PassReport {
  readonly name: string;
  readonly requests: number;
  /** Hits by tier. */
  readonly memory: number;
  readonly colo: number;
  readonly kv: number;
  /** Answered by the call that another request had under way. */
  readonly coalesced: number;
  /** Answered by a call of their own. */
  readonly computed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly tokens: number;
  /** The tokens of hits and of coalesced requests. */
  readonly savedTokens: number;
}

export function summarisePass(name: string, samples: readonly Sample[]): PassReport {
  const ofTier = (tier: string) => samples.filter(({ cache }) => cache.hit && cache.tier === tier).length;
  const saved = samples.filter(({ cache }) => cache.hit || cache.collapsed);
  const latencies = samples.map(({ latencyMs }) => latencyMs);
  return {
    name,
    requests: samples.length,
    memory: ofTier("memory"),
    colo: ofTier("colo"),
    kv: ofTier("kv"),
    coalesced: samples.filter(({ cache }) => cache.collapsed).length,
    computed: samples.length - saved.length,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    tokens: sumTokens(samples),
    savedTokens: sumTokens(saved),
  };
}

const sumTokens = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { tokens }) => sum + tokens, 0);
