import type { HealthView, NamedTarget } from "../domain/resilience/health-view.ts";
import { hearCall, letOneThrough, pausedMs, type TargetPause } from "../domain/resilience/target-pause.ts";

/** The most targets that are known to fail; past it, the oldest is forgotten. */
const MAX_FAILING = 1000;

/** Targets that keep failing. Of the isolate: another finds out for itself. */
export class TargetHealth implements HealthView {
  readonly #pauses = new Map<string, TargetPause>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** How long to wait before asking again, in milliseconds; undefined where the target is not paused. */
  find(target: NamedTarget, now: number): number | undefined {
    return pausedMs(this.#pauses.get(nameOf(target)), now, this.#random());
  }

  waitMs(target: NamedTarget, now: number): number | undefined {
    return pausedMs(this.#pauses.get(nameOf(target)), now, 0);
  }

  latency(): undefined {
    return undefined;
  }

  isDrained(): boolean {
    return false;
  }

  /** The same for who is about to call: of those that come after a pause, only the first may. */
  enter(target: NamedTarget, now: number): number | undefined {
    const name = nameOf(target);
    const pause = this.#pauses.get(name);
    const waitMs = pausedMs(pause, now, this.#random());
    if (pause && waitMs === undefined) this.#pauses.set(name, letOneThrough(pause, now));
    return waitMs;
  }

  /** Learns from a call, whoever made it. */
  hear(target: NamedTarget, call: Parameters<typeof hearCall>[1]): void {
    const name = nameOf(target);
    const after = hearCall(this.#pauses.get(name), call);
    this.#pauses.delete(name);
    if (!after) return;
    const [oldest] = this.#pauses.keys();
    if (this.#pauses.size >= MAX_FAILING && oldest !== undefined) this.#pauses.delete(oldest);
    this.#pauses.set(name, after);
  }
}

const nameOf = ({ provider, model }: NamedTarget): string => `${provider}/${model}`;
