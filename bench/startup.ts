import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { WRANGLER_ENVIRONMENT } from "../test/helpers/wrangler-environment.ts";
import { unpin } from "./processes/pin-process.ts";
import type { CpuProfile } from "./profile/cpu-profile.ts";
import { median } from "./report/median.ts";
import { ROOT } from "./workers/build-workers.ts";

/**
 * The CPU time in ms from nothing to a Worker that can answer, the median of some runs: what
 * `wrangler check startup` records in a local workerd, time in which nothing ran left out.
 */
export async function measureStartup(runs: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "headrace-startup-"));
  try {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const path = join(directory, `${run}.cpuprofile`);
      await checkStartup(path);
      times.push(sumActive(JSON.parse(await readFile(path, "utf8")) as CpuProfile) / 1000);
    }
    return median(times);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function checkStartup(outfile: string): Promise<void> {
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin/wrangler.js",
  );
  const child = spawn(process.execPath, [wrangler, "check", "startup", "--outfile", outfile], {
    cwd: ROOT,
    env: { ...process.env, ...WRANGLER_ENVIRONMENT },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  await unpin(child.pid ?? -1);
  const [code] = await exited;
  if (code !== 0) throw new Error(`wrangler check startup ended with code ${String(code)}`);
}

function sumActive({ nodes, samples, timeDeltas }: CpuProfile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id),
  );
  return samples.reduce((sum, id, at) => sum + (idle.has(id) ? 0 : Math.max(0, timeDeltas[at] ?? 0)), 0);
}
