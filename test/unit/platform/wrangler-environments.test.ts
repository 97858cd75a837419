import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { WRANGLER_ENVIRONMENT } from "../../helpers/wrangler-environment.ts";

Object.assign(process.env, WRANGLER_ENVIRONMENT);
const { unstable_readConfig: readConfig } = await import("wrangler");
const config = fileURLToPath(new URL("../../../wrangler.toml", import.meta.url));
const plain = readConfig({ config }, { hideWarnings: true });
const workersAi = readConfig({ config, env: "workers-ai" }, { hideWarnings: true });

/** What wrangler's environments do not inherit. */
const BINDINGS = [
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
  it("adds the binding AI, which the default one has not, for it needs an account", () => {
    expect(workersAi.ai?.binding).toBe("AI");
    expect(plain.ai).toBeUndefined();
  });

  it.each(BINDINGS)("repeats the default one's %s", (binding) => {
    expect(workersAi[binding]).toEqual(plain[binding]);
  });
});
