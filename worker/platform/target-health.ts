import {
  type Breaker,
  type Call,
  endTrial,
  hearBegin,
  hearCall,
  letThrough,
  openMs,
  type Refusal,
  spreadMs,
} from "../domain/resilience/breaker.ts";
import { adoptBreaker, tellChange } from "../domain/resilience/adopt-breaker.ts";
import type { HealthView, NamedTarget, TargetLatency } from "../domain/resilience/health-view.ts";
import { Latency } from "../domain/resilience/latency.ts";
import type { SharedBreaker } from "../domain/resilience/provider-health-protocol.ts";
import { BreakerNews } from "./breaker-news.ts";

/** The most targets of which something is remembered; past it, what was heard of longest ago is forgotten. */
const MAX_FAILING = 1000;
const MAX_TIMED = 500;

type Form = Parameters<HealthView["latency"]>[1];

/** A call that may be made, or how long to wait and why. */
export type Entry =
  | { readonly kind: "entered"; readonly isTrial: boolean }
  | { readonly kind: "refused"; readonly waitMs: number; readonly code: Refusal };

const FREE: Entry = { kind: "entered", isTrial: false };

/** How the isolate's targets are: their breakers, and how long they take. Another isolate finds out for itself. */
export class TargetHealth implements HealthView {
  /** What other isolates are to be told. */
  readonly news = new BreakerNews();
  readonly #breakers = new Map<string, Breaker>();
  readonly #latencies = { stream: new Map<string, Latency>(), whole: new Map<string, Latency>() };
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  waitMs(target: NamedTarget, now: number): number | undefined {
    return this.#breakers.size === 0 ? undefined : openMs(this.#breakers.get(nameOf(target)), now);
  }

  latency(target: NamedTarget, form: Form, now: number): TargetLatency | undefined {
    return this.#latencies[form].get(nameOf(target))?.read(now);
  }

  /** Why work that nobody waits for may not call now; undefined where it may. */
  find(target: NamedTarget, now: number): Extract<Entry, { kind: "refused" }> | undefined {
    const breaker = this.#breakers.get(nameOf(target));
    const waitMs = openMs(breaker, now);
    return breaker && waitMs !== undefined ? this.#refuse(breaker, waitMs, false) : undefined;
  }

  /** The same for who is about to call, of whom only some are let through. */
  enter(target: NamedTarget, now: number, isAwaited: boolean): Entry {
    const name = nameOf(target);
    const breaker = this.#breakers.get(name);
    if (!breaker) return FREE;
    const through = letThrough(breaker, now, isAwaited);
    if (!through) return this.#refuse(breaker, openMs(breaker, now) ?? 0, isAwaited);
    this.#breakers.set(name, through);
    return { kind: "entered", isTrial: through !== breaker };
  }

  /** Learns how a call has ended, whoever made it. */
  hear(target: NamedTarget, call: Call): void {
    this.#change(target, call.endedAt, (before) => hearCall(before, call));
  }

  /** Learns that the answer to a call has begun. */
  hearBegin(target: NamedTarget, call: Pick<Call, "startedAt" | "endedAt">): void {
    this.#change(target, call.endedAt, (before) => hearBegin(before, call));
  }

  /** The call that was let through was not made. */
  endTrial(target: NamedTarget): void {
    this.#set(nameOf(target), endTrial);
  }

  /** Learns how long an answer took to begin, or to be whole; `answered`: false where it was given up before. */
  hearTime(
    target: NamedTarget,
    form: Form,
    { startedAt, endedAt, answered }: Pick<Call, "startedAt" | "endedAt"> & { readonly answered: boolean },
  ): void {
    const times = this.#latencies[form];
    const name = nameOf(target);
    const latency = times.get(name) ?? new Latency();
    if (answered) latency.observe(endedAt - startedAt, endedAt);
    else latency.observeUnanswered(endedAt - startedAt, endedAt);
    renew(times, name, latency, MAX_TIMED);
  }

  #refuse(breaker: Breaker, waitMs: number, isAwaited: boolean): Extract<Entry, { kind: "refused" }> {
    return {
      kind: "refused",
      waitMs: isAwaited ? waitMs : spreadMs(waitMs, breaker, this.#random()),
      code: breaker.opening?.code ?? "overloaded",
    };
  }

  /** Sets breakers as isolates of the same region have set theirs of a provider's targets. */
  adopt(told: readonly SharedBreaker[], now: number): void {
    for (const each of told) this.#set(each.name, (before) => adoptBreaker(before, each, now));
  }

  #change(
    target: NamedTarget,
    now: number,
    change: (before: Breaker | undefined) => Breaker | undefined,
  ): void {
    const name = nameOf(target);
    const before = this.#breakers.get(name);
    const told = tellChange(name, before, this.#set(name, change), now);
    if (told) this.news.add(target.provider, told);
  }

  #set(name: string, change: (before: Breaker | undefined) => Breaker | undefined): Breaker | undefined {
    const before = this.#breakers.get(name);
    const after = change(before);
    if (after) renew(this.#breakers, name, after, MAX_FAILING);
    else if (before) this.#breakers.delete(name);
    return after;
  }
}

/** Sets a map's entry as its newest; the oldest one goes where there are too many. */
function renew<V>(map: Map<string, V>, name: string, value: V, max: number): void {
  map.delete(name);
  const [oldest] = map.keys();
  if (map.size >= max && oldest !== undefined) map.delete(oldest);
  map.set(name, value);
}

const nameOf = ({ provider, model, region, serviceTier }: NamedTarget): string =>
  region === undefined && serviceTier === undefined
    ? `${provider}/${model}`
    : `${provider}/${model}@${region ?? ""}#${serviceTier ?? ""}`;
