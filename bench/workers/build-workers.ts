import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWorker } from "../../test/helpers/build-worker.ts";
import { API_KEY } from "../scenario.ts";
import { bundleModule } from "./bundle-module.ts";
import type { WorkerSource } from "./start-worker.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export type GatewaySource = WorkerSource & { readonly code: { readonly directory: string } };

/** What stands in the place of the deployment's own entry, of those builds that are not the deployment as it is. */
const ENTRIES = {
  bench: undefined,
  "bench-against": undefined,
  "bench-counted": "counted/index.ts",
  "bench-many-routes": "many-routes/index.ts",
};

/** Builds the gateway of a tree (this one, or another checkout of it) as a deployment would, from its own config. */
export async function buildGateway(
  tree: string,
  upstreamUrl: string,
  name: keyof typeof ENTRIES,
): Promise<GatewaySource> {
  const directory = join(ROOT, "out", name);
  const configPath = join(tree, "bench/deployment/wrangler.toml");
  await buildWorker(configPath, directory, ENTRIES[name]);
  return {
    name,
    configPath,
    code: { directory },
    bindings: {
      HEADRACE_API_KEY: API_KEY,
      UPSTREAM_KEY: "sk-bench",
      WHOLE_URL: `${upstreamUrl}/whole/v1`,
      SLOW_URL: `${upstreamUrl}/slow/v1`,
      PACED_URL: `${upstreamUrl}/paced/v1`,
      BURST_URL: `${upstreamUrl}/burst/v1`,
    },
  };
}

/** A Worker to hold the gateway against. */
export async function buildBaseline(name: string, upstreamUrl: string): Promise<WorkerSource> {
  const configPath = join(ROOT, "bench/baselines", `${name}.toml`);
  return {
    name,
    code: { text: await bundleModule(join(ROOT, "bench/baselines", `${name}.ts`)) },
    bindings: { UPSTREAM: upstreamUrl },
    ...(existsSync(configPath) ? { configPath } : {}),
  };
}
