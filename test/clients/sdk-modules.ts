import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildSdkPackage } from "../../scripts/sdk-package.ts";
import type * as Sdk from "../../sdk/index.ts";
import type * as SdkJobs from "../../sdk/jobs/index.ts";
import type * as SdkWebhooks from "../../sdk/webhooks/index.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The modules of the SDK as it is published. */
export interface PublishedSdk {
  readonly sdk: typeof Sdk;
  readonly jobs: typeof SdkJobs;
  readonly webhooks: typeof SdkWebhooks;
}

/** The SDK as it is published and the suite, as modules for any runtime. */
export interface SdkModules {
  /** The text of each file: the SDK's, and `suite.js`. */
  readonly files: Readonly<Record<string, string>>;
  /** The published modules, in this process. */
  readonly published: PublishedSdk;
}

const NAMES = ["headrace", "jobs", "webhooks"] as const;

/** Builds both; `name` keeps files that run at the same time out of each other's way. */
export async function buildSdkModules(name: string): Promise<SdkModules> {
  const outDir = at(`../../out/sdk-${name}`);
  const [, { outputFiles }] = await Promise.all([
    buildSdkPackage(outDir),
    build({
      entryPoints: [at("./sdk-suite.ts")],
      bundle: true,
      format: "esm",
      target: "es2022",
      write: false,
    }),
  ]);
  const paths = NAMES.map((module) => join(outDir, `${module}.js`));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  const [sdk, jobs, webhooks] = await Promise.all(paths.map((path) => import(path) as Promise<unknown>));
  const files = Object.fromEntries(NAMES.map((module, index) => [`${module}.js`, texts[index] ?? ""]));
  return {
    files: { ...files, "suite.js": outputFiles[0]?.text ?? "" },
    published: { sdk, jobs, webhooks } as PublishedSdk,
  };
}
