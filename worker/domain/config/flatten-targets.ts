import type { Config, TargetConfig } from "../../contract/config/config.ts";
import { err, ok, type Result } from "../result.ts";

/** A target of a route or of one that it names, by its place: `targets[1].targets[0]`. */
export interface PlacedTarget {
  readonly place: string;
  readonly target: TargetConfig;
  /** The conditions of the routes that it is in besides the outermost, and of their places. */
  readonly within: readonly string[];
}

/** A request tries no more. */
const MAX_TARGETS = 64;

/**
 * Lists all targets of a route, those of routes that it names in their places; their weights together are then that
 * of the place. The error says what is wrong with a name, and where.
 */
export function flattenTargets(
  routes: Config["routes"],
  name: string,
): Result<readonly PlacedTarget[], string> {
  const flat = flatten({ routes, name, path: [name] });
  if (!flat.ok || flat.value.length <= MAX_TARGETS) return flat;
  return err(
    `routes.${name}.targets: ${flat.value.length} with those of the routes in it; ${MAX_TARGETS} at most`,
  );
}

interface Flattening {
  readonly routes: Config["routes"];
  readonly name: string;
  /** The names that led here. */
  readonly path: readonly string[];
}

function flatten({ routes, name, path }: Flattening): Result<readonly PlacedTarget[], string> {
  const placed: PlacedTarget[] = [];
  for (const [index, target] of (routes[name]?.targets ?? []).entries()) {
    const place = `targets[${index}]`;
    if (!("route" in target)) {
      placed.push({ place, target, within: [] });
      continue;
    }
    const wrong = findWrong({ routes, name, path }, target.route);
    if (wrong !== undefined) return err(`routes.${name}.${place}.route: ${wrong}`);
    const inner = flatten({ routes, name: target.route, path: [...path, target.route] });
    if (!inner.ok) return inner;
    const conditions = [target.when, routes[target.route]?.when].filter((when) => when !== undefined);
    for (const each of scale(inner.value, target.weight)) {
      placed.push({ ...each, place: `${place}.${each.place}`, within: [...conditions, ...each.within] });
    }
    if (placed.length > MAX_TARGETS) return ok(placed);
  }
  return ok(placed);
}

function findWrong({ routes, name, path }: Flattening, named: string): string | undefined {
  const route = Object.hasOwn(routes, named) ? routes[named] : undefined;
  if (!route) return `there is no route '${named}'; there are: ${Object.keys(routes).join(", ")}`;
  if (path.includes(named)) return `the route would be its own target: ${[...path, named].join(" -> ")}`;
  const task = routes[name]?.task;
  return route.task === task ? undefined : `'${named}' is for ${route.task}, not ${task}`;
}

function scale(placed: readonly PlacedTarget[], weight: number): readonly PlacedTarget[] {
  const all = placed.reduce((sum, { target }) => sum + target.weight, 0);
  const part = all === 0 ? 0 : weight / all;
  return placed.map((each) => ({ ...each, target: { ...each.target, weight: each.target.weight * part } }));
}
