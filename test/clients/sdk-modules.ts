import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildSdkPackage } from "../../scripts/sdk-package.ts";
import type * as Sdk from "../../sdk/index.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The SDK as it is published and the suite, as modules for any runtime. */
export interface SdkModules {
  readonly sdkCode: string;
  readonly suiteCode: string;
  /** The published module, in this process. */
  readonly sdk: typeof Sdk;
}

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
  const file = join(outDir, "headrace.js");
  const [sdkCode, sdk] = await Promise.all([readFile(file, "utf8"), import(file) as Promise<typeof Sdk>]);
  return { sdkCode, suiteCode: outputFiles[0]?.text ?? "", sdk };
}
