import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { writeSdkDeclarations } from "./sdk-declarations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Builds the npm package of the SDK into a directory, which is emptied first. The module is minified
 * for the pages that load it as it is; its source map holds the sources.
 */
export async function buildSdkPackage(outDir: string): Promise<{ codeBytes: number; gzippedBytes: number }> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["sdk/index.ts"],
    outfile: join(outDir, "headrace.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    logLevel: "warning",
  });
  await writeSdkDeclarations(ROOT, join(outDir, "headrace.d.ts"));
  await writeFile(join(outDir, "package.json"), `${JSON.stringify(await describePackage(), null, 2)}\n`);
  await copyFile(join(ROOT, "sdk/README.md"), join(outDir, "README.md"));
  await copyFile(join(ROOT, "LICENSE"), join(outDir, "LICENSE"));
  const code = await readFile(join(outDir, "headrace.js"));
  return { codeBytes: code.length, gzippedBytes: gzipSync(code, { level: 9 }).length };
}

/** The published manifest: name, version and licence are the repository's. */
async function describePackage(): Promise<Record<string, unknown>> {
  const { name, version, license } = JSON.parse(
    await readFile(join(ROOT, "package.json"), "utf8"),
  ) as Readonly<Record<string, string>>;
  return {
    name,
    version,
    description: "A small client for a Headrace gateway, or any OpenAI-compatible server.",
    license,
    type: "module",
    exports: {
      ".": { types: "./headrace.d.ts", default: "./headrace.js" },
      "./package.json": "./package.json",
    },
    // For resolvers that do not know `exports`.
    main: "./headrace.js",
    types: "./headrace.d.ts",
    files: ["headrace.js", "headrace.js.map", "headrace.d.ts"],
    sideEffects: false,
    engines: { node: ">=18" },
  };
}
