import type { Defer, Fact, Tell } from "../domain/facts/fact.ts";
import type { Log } from "./log.ts";

/** Hears of all facts, in their order. What it has still to do goes to `defer`. */
export type Listener = (fact: Fact, defer: Defer) => void;

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
  const fail = (listener: string, error: unknown) => {
    const count = (failures.get(listener) ?? 0) + 1;
    failures.set(listener, count);
    if (count === 1) log.warn("listener_failed", { listener, error });
  };
  const tell: Tell = (fact, defer) => {
    for (const [name, listener] of named) {
      try {
        listener(fact, defer);
      } catch (error) {
        fail(name, error);
      }
    }
  };
  return Object.assign(tell, { failures });
}
