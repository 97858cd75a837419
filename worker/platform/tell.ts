import type { Defer, Fact, Tell } from "../domain/facts/fact.ts";
import type { Log } from "./log.ts";

/** Hears of all facts, in their order. What it has still to do goes to `defer`. */
export interface Listener {
  hear(fact: Fact, defer: Defer): void;
  /** Does at once what it would have waited with; `defer` is of those who do not wait any longer. */
  flush?(defer: Defer): void;
}

/** How often a listener has failed. */
export interface Failures {
  readonly failures: ReadonlyMap<string, number>;
}

/**
 * Calls listeners, which have names, with each fact. A listener that throws is counted, and its first failure
 * is logged; neither the other listeners nor the request are affected.
 */
export function createTell(listeners: Readonly<Record<string, Listener>>, log: Log): Tell & Failures {
  const failures = new Map<string, number>();
  const named = Object.entries(listeners);
  const guard = (listener: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      const count = (failures.get(listener) ?? 0) + 1;
      failures.set(listener, count);
      if (count === 1) log.warn("listener_failed", { listener, error });
    }
  };
  const tell = (fact: Fact, defer: Defer) => {
    for (const [name, listener] of named) guard(name, () => listener.hear(fact, defer));
  };
  const flush = (defer: Defer) => {
    for (const [name, listener] of named) guard(name, () => listener.flush?.(defer));
  };
  return Object.assign(tell, { failures, flush });
}
