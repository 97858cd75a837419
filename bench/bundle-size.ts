import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Metafile } from "esbuild";
import { ROOT } from "./workers/build-workers.ts";

export interface BundlePart {
  readonly name: string;
  /** Minified. */
  readonly bytes: number;
}

export interface BundleSize {
  /** Of all code, minified and gzipped; data that is modules of its own (`.bin`) is not in it. */
  readonly gzipBytes: number;
  readonly parts: readonly BundlePart[];
}

/** Packages that are data with a few lines of code around it: prices, and the lexicon of VADER. */
export const DATA_PACKAGES = ["@pydantic/genai-prices", "vader-sentiment"];

/** Bundles as wrangler does for a deployment with `minify`; `left out` packages stay imports. */
export async function measureBundle(entry: string, leftOut: readonly string[] = []): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "*.bin", ...leftOut],
    outdir: "out/bench-bundle",
    logLevel: "error",
  });
  const code = outputFiles.find(({ path }) => path.endsWith(".js"))?.contents ?? new Uint8Array();
  return { gzipBytes: gzipSync(code, { level: 9 }).byteLength, parts: listParts(metafile) };
}

/** Minified bytes by package, and by folder for code of ours, largest first. */
function listParts({ outputs }: Metafile): BundlePart[] {
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = nameOf(path);
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

function nameOf(path: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage !== undefined) return inPackage;
  const [first = "", second = "", third] = path.split("/");
  if (second === "providers" && third !== undefined && !third.endsWith(".ts"))
    return `${first}/${second}/${third}`;
  return second === "" || second.endsWith(".ts") ? first : `${first}/${second}`;
}
