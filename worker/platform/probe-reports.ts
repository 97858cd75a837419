import { NO_REGION, type ProbeReport } from "../domain/resilience/provider-health-protocol.ts";
import type { AskHealth } from "./provider-health.ts";
import type { Log } from "./log.ts";

/** Whoever asks for them needs no key: they are read once in so many milliseconds, however often they are asked for. */
const KEPT_MS = 5000;

/** The latest probe of each of these providers, as far as there is one. */
export type ReadProbes = (providers: readonly string[]) => Promise<ReadonlyMap<string, ProbeReport>>;

interface ReadingOptions {
  readonly ask: AskHealth;
  readonly now: () => number;
  readonly log: Log;
}

export function createReadProbes({ ask, now, log }: ReadingOptions): ReadProbes {
  let reports: ReadonlyMap<string, ProbeReport> = new Map();
  let readAt = -Infinity;
  const read = async (provider: string): Promise<readonly [string, ProbeReport][]> => {
    try {
      const { probe } = await ask(provider, NO_REGION, (port) => port.share([]));
      return probe ? [[provider, probe]] : [];
    } catch (error) {
      log.warn("probe_not_read", { provider, error });
      return [];
    }
  };
  return async (providers) => {
    if (now() < readAt + KEPT_MS) return reports;
    readAt = now();
    const found = await Promise.all(providers.map(read));
    reports = new Map(found.flat());
    return reports;
  };
}
