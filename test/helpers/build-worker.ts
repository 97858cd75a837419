import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { WRANGLER_ENVIRONMENT } from "./wrangler-environment.ts";

/**
 * Builds a Worker as a deployment would. The directory is emptied first: the names of data modules
 * carry a hash, and the ones of earlier builds would be served along. `entry` takes the place of the
 * configuration's `main`.
 */
export async function buildWorker(configPath: string, outDir: string, entry?: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin/wrangler.js",
  );
  const child = spawn(
    process.execPath,
    [
      wrangler,
      "deploy",
      ...(entry === undefined ? [] : [entry]),
      "--dry-run",
      "--config",
      configPath,
      "--outdir",
      outDir,
    ],
    {
      cwd: dirname(configPath),
      env: { ...process.env, ...WRANGLER_ENVIRONMENT },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`The Worker does not build:\n${stdout}${stderr}`);
}
