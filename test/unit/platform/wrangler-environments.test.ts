import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BINDINGS } from "../../../worker/platform/bindings.ts";
import { WRANGLER_ENVIRONMENT } from "../../helpers/wrangler-environment.ts";

Object.assign(process.env, WRANGLER_ENVIRONMENT);
const { unstable_readConfig: readConfig } = await import("wrangler");
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string, env?: string) =>
  readConfig({ config: ROOT + path, ...(env === undefined ? {} : { env }) }, { hideWarnings: true });

/** Each wrangler.toml there is, in the default environment and in every other that it has. */
const files = globSync("**/wrangler.toml", { cwd: ROOT, exclude: ["node_modules", "out"] });
const cases = files.flatMap((path) => {
  const text = readFileSync(ROOT + path, "utf8");
  const named = [...text.matchAll(/^\[+env\.([\w-]+)/gm)].map((match) => match[1]);
  return [...new Set([undefined, ...named])].map((env) => ({
    path,
    env,
    config: read(path, env) as WranglerConfig,
  }));
});

/** As much of a wrangler configuration as is looked at here; wrangler's own type of it leads to `any`. */
interface WranglerConfig {
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly queues: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly { readonly queue: string; readonly dead_letter_queue?: string }[];
  };
  readonly migrations: readonly {
    readonly new_sqlite_classes?: readonly string[];
    readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[];
  }[];
}

/** What a config binds, in the words of the table. */
const boundBy = ({ kv_namespaces, durable_objects, queues }: WranglerConfig) =>
  Object.fromEntries<unknown>([
    ...kv_namespaces.map(({ binding }) => [binding, { kind: "kv" }] as const),
    ...durable_objects.bindings.map(
      ({ name, class_name: className }) => [name, { kind: "object", className }] as const,
    ),
    ...(queues.producers ?? []).map(({ binding, queue }) => [binding, { kind: "queue", queue }] as const),
  ]);

it("looks at the product, and at the deployments of tests and of measurements", () => {
  expect(files).toHaveLength(3);
});

describe.each(cases)("$path, environment $env", ({ config }) => {
  it("binds what the table says, and nothing else of those kinds", () => {
    expect(boundBy(config)).toEqual(BINDINGS);
  });

  it("has the storage of every class, under the name that it has now", () => {
    const names = new Set<string>();
    for (const { new_sqlite_classes: added = [], renamed_classes: renamed = [] } of config.migrations) {
      for (const name of added) names.add(name);
      for (const { from, to } of renamed) if (names.delete(from)) names.add(to);
    }
    const classes = Object.values(BINDINGS).flatMap((each) => ("className" in each ? [each.className] : []));
    expect([...names].toSorted()).toEqual(classes.toSorted());
  });

  it("consumes every queue that it sends to, and what that gives up", () => {
    const consumers = config.queues.consumers ?? [];
    const consumed = consumers.map(({ queue }) => queue);
    const sent = (config.queues.producers ?? []).map(({ queue }) => queue);
    const dead = consumers.flatMap(({ dead_letter_queue: queue }) => queue ?? []);
    expect(consumed.toSorted()).toEqual([...sent, ...dead].toSorted());
  });
});

/** What wrangler's environments do not inherit. */
const NOT_INHERITED = [
  "analytics_engine_datasets",
  "d1_databases",
  "durable_objects",
  "hyperdrive",
  "kv_namespaces",
  "queues",
  "r2_buckets",
  "ratelimits",
  "services",
  "vars",
  "vectorize",
  "workflows",
] as const;

describe("the wrangler environment workers-ai", () => {
  const plain = read("wrangler.toml");
  const workersAi = read("wrangler.toml", "workers-ai");

  it("adds the binding AI, which the default one has not, for it needs an account", () => {
    expect(workersAi.ai?.binding).toBe("AI");
    expect(plain.ai).toBeUndefined();
  });

  it.each(NOT_INHERITED)("repeats the default one's %s", (binding) => {
    expect(workersAi[binding]).toEqual(plain[binding]);
  });
});
