import { mulberry32 } from "../../../bench/load/arrival-times.ts";
import { type ConfigInput, variable } from "../../../worker/contract/config/config.ts";
import type { AnswerBody } from "../../../worker/domain/answers/answer-body.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { settleFree } from "../../../worker/domain/money/settle.ts";
import { err, ok, type Result } from "../../../worker/domain/result.ts";
import { buildCatalog, type Route, type Target } from "../../../worker/domain/routing/catalog.ts";
import { planTargets } from "../../../worker/domain/routing/plan-targets.ts";
import type { UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";
import { hedgeOf } from "../../../worker/flows/inference/hedge-call.ts";
import { followPlan } from "../../../worker/flows/targets/follow-plan.ts";
import { repeatsOf } from "../../../worker/flows/targets/repeats.ts";
import { TargetWatch } from "../../../worker/flows/targets/watch-target.ts";
import { CallBudgets } from "../../../worker/platform/call-budgets.ts";
import { TargetHealth } from "../../../worker/platform/target-health.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { VirtualClock } from "../virtual-clock.ts";
import type { Upstream } from "./upstream.ts";

type RouteInput = NonNullable<ConfigInput["routes"]>[string];

export interface Simulated {
  /** What the route says of its policies, and which models it has. */
  readonly models: readonly string[];
  readonly route?: Partial<RouteInput>;
  readonly breaker?: boolean;
  /** Whether retries have no budget. */
  readonly unbounded?: boolean;
  readonly upstream: Upstream;
  readonly seed?: number;
}

/** One request's end. */
export interface Answered {
  readonly ok: boolean;
  readonly at: number;
  readonly tookMs: number;
}

export interface SimulatedRun {
  /** In the order of the arrivals. */
  readonly ends: readonly Answered[];
  /** When each call of a target began. */
  readonly callsAt: readonly number[];
}

const DEADLINE_MS = 60_000;
const ANSWER: AnswerBody = { form: "json", bytes: new Uint8Array(), settlement: settleFree(null, true) };
const LEFT: UpstreamFailure = { error: { code: "client_closed" }, tryNext: false };

/**
 * Runs requests through the gateway's own plan, its loop over targets with repeats, budgets and hedges, and its
 * breakers, on a virtual clock; only the targets are played. Deterministic.
 */
export const simulateRequests = (simulated: Simulated, arrivals: readonly number[]): Promise<SimulatedRun> =>
  new SimulatedGateway(simulated).run(arrivals);

class SimulatedGateway {
  readonly #clock = new VirtualClock();
  readonly #upstream: Upstream;
  readonly #route: Route;
  readonly #callsAt: number[] = [];
  readonly #services;

  constructor({ models, route = {}, breaker, unbounded, upstream, seed = 1 }: Simulated) {
    const draw = mulberry32(seed);
    const random = () => 1 - draw();
    this.#upstream = upstream;
    this.#route = buildRoute(models, route, breaker);
    this.#services = {
      health: new TargetHealth(random),
      budgets: unbounded === true ? new EndlessBudgets() : new CallBudgets(),
      now: () => this.#clock.now,
      random,
      sleep: (ms: number, signal?: AbortSignal) => this.#clock.sleep(ms, signal),
    };
  }

  async run(arrivals: readonly number[]): Promise<SimulatedRun> {
    const ends: Answered[] = [];
    for (const [index, at] of arrivals.entries()) {
      this.#clock.at(at, () => void this.#request().then((end) => (ends[index] = end)));
    }
    await this.#clock.settle();
    return { ends, callsAt: this.#callsAt };
  }

  async #request(): Promise<Answered> {
    const startedAt = this.#clock.now;
    const deadline = { at: startedAt + DEADLINE_MS };
    const route = this.#route;
    const [end] = await followPlan({
      plan: this.#plan(),
      members: [{ deadline }],
      attempt: async (target, _, signal) => [await this.#attempt(target, deadline, signal)],
      signal: new AbortController().signal,
      now: this.#services.now,
      repeats: repeatsOf(this.#services, { route }),
      hedge: route.hedge && hedgeOf(this.#services, { route, streamed: false }, route.hedge),
    });
    return { ok: end?.ok === true, at: this.#clock.now, tookMs: this.#clock.now - startedAt };
  }

  #plan() {
    const { health, random } = this.#services;
    return planTargets({
      route: this.#route,
      task: "chat",
      streamed: false,
      keeps: false,
      tenant: undefined,
      priority: "normal",
      place: () => undefined,
      metadata: undefined,
      jurisdiction: undefined,
      now: this.#clock.now,
      roll: random(),
      health,
    });
  }

  async #attempt(
    target: Target,
    deadline: { readonly at: number },
    signal: AbortSignal,
  ): Promise<Result<AnswerBody, UpstreamFailure>> {
    const watch = new TargetWatch(this.#services, { target, isAwaited: true, deadline, form: "whole" });
    const refused = watch.begin();
    if (refused) return err(refused);
    const { tookMs, failure } = this.#upstream(target.model, this.#clock.now);
    this.#callsAt.push(this.#clock.now);
    await this.#clock.sleep(tookMs, signal);
    const result = signal.aborted ? err(LEFT) : failure ? err(failure) : ok(ANSWER);
    watch.end(result);
    return result;
  }
}

class EndlessBudgets extends CallBudgets {
  override of(name: string, _: unknown, now: number) {
    return super.of(name, { share: 1, perSecond: 1_000_000, most: 1_000_000 }, now);
  }
}

function buildRoute(
  models: readonly string[],
  route: Partial<RouteInput>,
  breaker: boolean | undefined,
): Route {
  const registry = buildRegistry({});
  const targets = models.map((model) => ({ provider: "upstream", model }));
  const input: ConfigInput = {
    providers: {
      upstream: { kind: "openai", breaker, baseUrl: variable("UPSTREAM", "http://127.0.0.1:9/v1") },
    },
    routes: { chat: { task: "chat", targets, ...route } },
  };
  const config = parseConfig(input, registry);
  if (!config.ok) throw new Error(config.error);
  const found = buildCatalog(config.value, registry, () => undefined).routes.get("chat");
  if (found?.targets.length !== models.length) throw new Error("the simulated targets cannot be called");
  return found;
}
