import type { Config } from "../../contract/config/config.ts";

/** The calls of a provider's model count together, whichever route they come by: it cannot have two limits. */
export function findUnequalLimits({ routes }: Pick<Config, "routes">): string | undefined {
  const known = new Map<string, { readonly path: string; readonly text: string }>();
  for (const [name, route] of Object.entries(routes)) {
    for (const [index, target] of route.targets.entries()) {
      if ("route" in target || !target.concurrency) continue;
      const path = `routes.${name}.targets[${index}].concurrency`;
      const called = `${target.provider}/${target.model}`;
      const text = JSON.stringify(target.concurrency);
      const other = known.get(called);
      if (other && other.text !== text) return `${path}: ${other.path} says otherwise of ${called}`;
      known.set(called, { path, text });
    }
  }
  return undefined;
}
