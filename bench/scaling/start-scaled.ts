import type { Server } from "../processes/start-upstream.ts";
import type { ScaledSubject, Subject } from "../scenario.ts";
import { buildGateway, type GatewaySource, ROOT } from "../workers/build-workers.ts";
import { startWorker } from "../workers/start-worker.ts";
import { SERIES } from "./series.ts";

interface ScaledBed {
  readonly gateway: GatewaySource;
  readonly upstreamUrl: string;
}

/** Starts the gateways that the series ask for beside the one that is there; the stack ends them. */
export async function startScaled(
  stack: AsyncDisposableStack,
  bed: ScaledBed,
): Promise<ReadonlyMap<Subject, Server>> {
  const subjects = SERIES.flatMap(({ points }) => points.map(({ scenario }) => scenario.subject));
  const scaled = new Set(subjects.filter(isScaled));
  const servers = new Map<Subject, Server>();
  for (const subject of scaled) {
    servers.set(subject, stack.use(await startWorker(await findSource(subject, bed))));
  }
  return servers;
}

const isScaled = (subject: Subject): subject is ScaledSubject => /-\d+$/.test(subject);

/** As many routes more as there are builds with, or an upstream whose answers have that size. */
async function findSource(
  subject: ScaledSubject,
  { gateway, upstreamUrl }: ScaledBed,
): Promise<GatewaySource> {
  if (subject === "routes-0") return gateway;
  if (subject === "routes-1000") return buildGateway(ROOT, upstreamUrl, "bench-many-routes");
  const binding = subject.startsWith("events") ? "PACED_URL" : "WHOLE_URL";
  return { ...gateway, bindings: { ...gateway.bindings, [binding]: `${upstreamUrl}/${subject}/v1` } };
}
