import { ERRORS } from "../../contract/errors.ts";
import type { ExplainedPlan } from "../../contract/explain.ts";
import { estimateInputTokens } from "../money/estimate-usage.ts";
import type { HealthView } from "../resilience/health-view.ts";
import type { Target } from "./catalog.ts";
import { findContextWindow } from "./context-window.ts";
import { type Plan, refuseEmpty } from "./plan-targets.ts";
import { estimateCost } from "./order-cheapest.ts";

interface Planned {
  readonly plan: Plan;
  readonly body: Readonly<Record<string, unknown>>;
  readonly streamed: boolean;
  readonly health: HealthView;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Conditions may name other tenants: they are for the operator. */
  readonly showsConditions: boolean;
}

/** Tells which targets a plan has in which order, what is known of each, and why the others are left out. */
export function explainPlan({
  plan,
  showsConditions,
  ...known
}: Planned): Pick<ExplainedPlan, "input_tokens" | "targets" | "skipped" | "refusal"> {
  return {
    input_tokens: estimateInputTokens(known.body),
    targets: plan.targets.map((target) => explainTarget(target, known)),
    skipped: plan.skipped.map(({ label, why, condition }) => ({
      target: label,
      why,
      ...(showsConditions && condition !== undefined ? { condition } : {}),
    })),
    refusal: plan.targets.length === 0 ? tellRefusal(plan) : null,
  };
}

type Known = Omit<Planned, "plan" | "showsConditions">;

function explainTarget(
  target: Target,
  { body, streamed, health, now }: Known,
): ExplainedPlan["targets"][number] {
  const waitMs = health.waitMs(target, now);
  const latency = health.latency(target, streamed ? "stream" : "whole", now);
  return {
    target: target.label,
    provider: target.provider,
    model: target.model,
    estimated_cost_usd: estimateCost(target, body) ?? null,
    context_window: findContextWindow(target) ?? null,
    health: {
      breaker: waitMs === undefined ? "closed" : "open",
      retry_after_ms: waitMs ?? null,
      latency: latency
        ? { average_ms: latency.ewmaMs, p95_ms: latency.p95Ms, samples: latency.samples }
        : null,
    },
  };
}

function tellRefusal(plan: Plan): NonNullable<ExplainedPlan["refusal"]> {
  const { code, message = ERRORS[code].message } = refuseEmpty(plan);
  return { code, message };
}
