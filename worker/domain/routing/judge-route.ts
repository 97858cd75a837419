import type { HealthView } from "../resilience/health-view.ts";
import type { ProbeReport } from "../resilience/provider-health-protocol.ts";
import type { Route, Target } from "./catalog.ts";
import { DRAINED } from "./tell-out.ts";

/** What is known of targets at a time, in milliseconds since the epoch. */
interface Known {
  readonly health: HealthView;
  readonly probes: ReadonlyMap<string, ProbeReport>;
  readonly now: number;
}

/** A probe that is older says nothing: they come every minute. */
const PROBE_KEPT_MS = 300_000;

/** Why a target cannot be used just now; undefined where it can. */
export function tellOutage(target: Target, { health, probes, now }: Known): string | undefined {
  if (target.drained === true) return DRAINED;
  const waitMs = health.waitMs(target, now);
  if (waitMs !== undefined) return `keeps failing; it is tried again within ${Math.ceil(waitMs / 1000)} s`;
  const probe = probes.get(target.provider);
  const isUnreachable = probe && !probe.reachable && now < probe.at + PROBE_KEPT_MS;
  return isUnreachable ? "cannot be reached" : undefined;
}

/** Whether a route can be used: not where none of its targets is configured, or can be used just now. */
export function judgeRoute({ targets }: Route, known: Known): "ready" | "failing" | "not_configured" {
  if (targets.length === 0) return "not_configured";
  return targets.every((target) => tellOutage(target, known) !== undefined) ? "failing" : "ready";
}
