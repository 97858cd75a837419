import { DurableObject } from "cloudflare:workers";
import type {
  ProbeReport,
  ProviderHealth,
  ProviderHealthPort,
  SharedBreaker,
} from "../../worker/domain/resilience/provider-health-protocol.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { joinBreakers } from "./provider-health-state.ts";

/**
 * What the isolates of one region know of a provider. In memory only: where it is lost, each isolate finds out for
 * itself, as without it. No request waits for it.
 */
export class ProviderHealthObject extends DurableObject<Environment> implements ProviderHealthPort {
  #breakers: readonly SharedBreaker[] = [];
  #probe: ProbeReport | undefined;

  async share(news: readonly SharedBreaker[]): Promise<ProviderHealth> {
    this.#breakers = joinBreakers(this.#breakers, news, Date.now());
    return { breakers: this.#breakers, probe: this.#probe };
  }

  async tellProbe(report: ProbeReport): Promise<void> {
    this.#probe = report;
  }
}
