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
  const troubles = new Map<string, Map<string, number>>();
  return {
    hear(fact) {
      if (fact.kind !== "attempt" || fact.route.includes("/")) return;
      const { route, target, status, error } = fact;
      const known = troubles.get(route);
      const isOurs = error === "upstream_error" && status !== null && status < 500;
      if (!isOurs) known?.delete(target);
      else if (known) known.set(target, status);
      else if (troubles.size < MAX_ROUTES) troubles.set(route, new Map([[target, status]]));
    },
    of: (route) => [...(troubles.get(route) ?? [])].map(([target, status]) => describe(target, status)),
  };
}

const describe = (target: string, status: number): string =>
  `${target} answered ${status}: ${status === 404 ? "see to its base URL and model" : "see to its key and account"}`;
