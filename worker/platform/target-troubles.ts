import type { Listener } from "./tell.ts";

/** What a target's latest call says about its set-up. */
export interface TargetTroubles extends Listener {
  /** One line a target of the route that was refused for the deployment's own fault; none where all is well. */
  of(route: string): readonly string[];
}

/** Targets are named by the config; those that clients name themselves are left out. */
const MAX_ROUTES = 500;

/**
 * Remembers, in one isolate, which targets refused their latest call for a fault of the deployment: a wrong base
 * URL, model or key, an account without credit. `/ready` tells it; nothing else follows from it.
 */
export function createTargetTroubles(): TargetTroubles {
  const troubles = new Map<string, Map<string, string>>();
  return {
    hear(fact) {
      if (fact.kind !== "attempt" || fact.route.includes("/")) return;
      const { route, target, key, status, error } = fact;
      const known = troubles.get(route);
      const isOurs = error === "upstream_error" && status !== null && status < 500;
      // Of several keys, each has its own.
      const name = key === undefined ? target : `${target} ${key}`;
      if (!isOurs) known?.delete(name);
      else if (known) known.set(name, describe(target, key, status));
      else if (troubles.size < MAX_ROUTES)
        troubles.set(route, new Map([[name, describe(target, key, status)]]));
    },
    of: (route) => [...(troubles.get(route)?.values() ?? [])],
  };
}

function describe(target: string, key: string | undefined, status: number): string {
  const named = key === undefined ? target : `${target} with ${key}`;
  return `${named} answered ${status}: ${status === 404 ? "see to its base URL and model" : "see to its key and account"}`;
}
