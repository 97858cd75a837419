import type { ProbeReport } from "../../domain/resilience/provider-health-protocol.ts";
import { NO_REGION } from "../../domain/resilience/provider-health-protocol.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import type { Catalog } from "../../domain/routing/catalog.ts";
import type { ProbeRequest } from "../../domain/routing/provider-kind.ts";
import { createLimiter } from "../../platform/limiter.ts";
import type { AskHealth } from "../../platform/provider-health.ts";
import type { Services } from "../services.ts";

const PROBE_MS = 5000;
/** The platform lets six connections wait for their headers at once. */
const PROBES_AT_ONCE = 4;

type Needs = Pick<Services, "callProvider" | "now" | "log"> & { readonly askHealth: AskHealth };

/**
 * Asks every provider of the config for what costs nothing, and keeps whether it answered: a provider that cannot
 * be reached is told by `GET /ready`. No model is judged by it, and no breaker opens or closes.
 */
export async function probeProviders(services: Needs, { providers }: Catalog): Promise<void> {
  const inTurn = createLimiter(PROBES_AT_ONCE);
  const probed = [...providers].map(async ([name, provider]) => {
    if (!provider.available || !provider.probe) return;
    const { probe } = provider;
    const report = await inTurn(() => probeOnce(services, probe));
    try {
      await services.askHealth(name, NO_REGION, (port) => port.tellProbe(report));
    } catch (error) {
      services.log.warn("probe_not_kept", { provider: name, error });
    }
  });
  await Promise.all(probed);
}

async function probeOnce({ callProvider, now }: Needs, { url, headers }: ProbeRequest): Promise<ProbeReport> {
  const work = new AbortController();
  const reply = await callProvider({
    request: { method: "GET", url, headers, body: "" },
    limits: { quietMs: PROBE_MS, deadline: new Deadline(now() + PROBE_MS) },
    signal: work.signal,
    form: "raw",
    readRefusal: undefined,
  });
  const at = now();
  if (!reply.ok) {
    const { status = null, error } = reply.error;
    // What is no answer to a call is one to a probe.
    return { at, reachable: status !== null || error.code === "upstream_invalid_response", status };
  }
  if (reply.value.form === "raw") await reply.value.stream.cancel();
  return { at, reachable: true, status: 200 };
}
