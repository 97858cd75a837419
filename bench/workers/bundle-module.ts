import { build, type Plugin } from "esbuild";

/** Bundles a Worker into the text of one module, as wrangler would. */
export async function bundleModule(entry: string, plugins: Plugin[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    plugins,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}
