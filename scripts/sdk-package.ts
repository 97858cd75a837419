import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { writeSdkDeclarations } from "./sdk-declarations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What can be imported of the package, with the file that has it and its source below sdk/. */
const ENTRIES = [
  { path: ".", name: "headrace", source: "index.ts" },
  { path: "./jobs", name: "jobs", source: "jobs/index.ts" },
  { path: "./webhooks", name: "webhooks", source: "webhooks/index.ts" },
] as const;

/** One module of the package, with its size for clients that download it. */
export interface BuiltModule {
  readonly file: string;
  readonly codeBytes: number;
  readonly gzippedBytes: number;
}

/**
 * Builds the npm package of the SDK into a directory, which is emptied first. Its modules stand alone,
 * minified for the pages that load them as they are; their source maps hold the sources.
 */
export async function buildSdkPackage(outDir: string): Promise<readonly BuiltModule[]> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map(({ name, source }) => ({ in: `sdk/${source}`, out: name })),
    outdir: outDir,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    logLevel: "warning",
  });
  const declarations = ENTRIES.map(({ name, source }) => [join(outDir, `${name}.d.ts`), source]);
  await writeSdkDeclarations(ROOT, Object.fromEntries(declarations));
  await writeFile(join(outDir, "package.json"), `${JSON.stringify(await describePackage(), null, 2)}\n`);
  await copyFile(join(ROOT, "sdk/README.md"), join(outDir, "README.md"));
  await copyFile(join(ROOT, "LICENSE"), join(outDir, "LICENSE"));
  return Promise.all(ENTRIES.map(({ name }) => weigh(outDir, `${name}.js`)));
}

async function weigh(outDir: string, file: string): Promise<BuiltModule> {
  const code = await readFile(join(outDir, file));
  return { file, codeBytes: code.length, gzippedBytes: gzipSync(code, { level: 9 }).length };
}

/** The published manifest: name, version and licence are the repository's. */
async function describePackage(): Promise<Record<string, unknown>> {
  const { name, version, license } = JSON.parse(
    await readFile(join(ROOT, "package.json"), "utf8"),
  ) as Readonly<Record<string, string>>;
  const paths = ENTRIES.map((entry) => [
    entry.path,
    { types: `./${entry.name}.d.ts`, default: `./${entry.name}.js` },
  ]);
  return {
    name,
    version,
    description: "A small client for a Headrace gateway, or any OpenAI-compatible server.",
    license,
    type: "module",
    exports: { ...Object.fromEntries(paths), "./package.json": "./package.json" },
    // For resolvers that do not know `exports`.
    main: "./headrace.js",
    types: "./headrace.d.ts",
    files: ENTRIES.flatMap(({ name: file }) => [`${file}.js`, `${file}.js.map`, `${file}.d.ts`]),
    sideEffects: false,
    engines: { node: ">=20" },
  };
}
