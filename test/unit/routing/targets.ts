import { RateCard } from "../../../worker/domain/money/rates.ts";
import type { HealthView } from "../../../worker/domain/resilience/health-view.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import type { Planning } from "../../../worker/domain/routing/planning.ts";
import { addText, START } from "../../../worker/domain/routing/spread.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";

const adapter = createOpenai({});
const connection = { baseUrl: "https://api.openai.com/v1", apiKey: undefined, headers: {} };

/** A target of a route, named by its model. */
export function targetOf(model: string, changes: Partial<Target> = {}): Target {
  const named = { provider: "one", model, weight: 1, price: undefined, adapter, connection, conditions: [] };
  const region = { region: undefined, location: undefined, tier: "normal" as const };
  const target = { ...named, ...region, runsIn: "provider" as const, ...changes };
  return { ...target, label: model, hash: addText(START, model), rates: new RateCard(target), ...changes };
}

/** Targets that are all well and of which nothing else is known, but for those named. */
export const healthOf = ({
  waits = {},
  times = {},
}: {
  readonly waits?: Readonly<Record<string, number>>;
  /** To the first token, in milliseconds. */
  readonly times?: Readonly<Record<string, number>>;
} = {}): HealthView => ({
  waitMs: ({ model }) => waits[model],
  latency({ model }) {
    const ewmaMs = times[model];
    return ewmaMs === undefined ? undefined : { ewmaMs, p95Ms: ewmaMs, samples: 9 };
  },
});

type Route = Planning["route"];

export const planningOf = (
  targets: readonly Target[],
  { route = {}, ...changes }: Partial<Omit<Planning, "route">> & { readonly route?: Partial<Route> } = {},
): Planning => ({
  route: { targets, strategy: "fallback", promptCache: { maxDearer: 0.1 }, ...route },
  task: "chat",
  body: {},
  streamed: false,
  keeps: false,
  tenant: "acme",
  jurisdiction: undefined,
  priority: "normal",
  place: () => undefined,
  metadata: undefined,
  now: 0,
  roll: 0.5,
  health: healthOf(),
  ...changes,
});

/** The names of a plan's targets in their order. */
export const orderOf = (...planning: Parameters<typeof planningOf>): readonly string[] =>
  planTargets(planningOf(...planning)).targets.map(({ label }) => label);

/** So many rolls, as far apart from each other as can be. */
export const rolls = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => (at + 1) / count);

/** How often each is the first. */
export function countFirst(orders: readonly (readonly string[])[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [first = ""] of orders) counts[first] = (counts[first] ?? 0) + 1;
  return counts;
}

/** A conversation of so many turns, which has to be long enough for a provider to keep it. */
export const conversation = (about: string, turns: number): { readonly messages: readonly object[] } => ({
  messages: [
    { role: "system", content: `You know all about ${about}. ${"Be brief and precise. ".repeat(300)}` },
    ...Array.from({ length: turns }, (_, at) => [
      { role: "user", content: at === 0 ? `Tell me of ${about}.` : `And then (${at})?` },
      { role: "assistant", content: `In year ${at} something happened. ` },
    ]).flat(),
    { role: "user", content: "Go on." },
  ],
});
