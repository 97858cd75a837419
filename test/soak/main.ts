/** `npm run soak`: see options.ts, or `npm run soak -- --help`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "../../scripts/launcher/command-failure.ts";
import { runCommand } from "../../scripts/launcher/run-command.ts";
import { buildWorker } from "../helpers/build-worker.ts";
import { judgeSoak } from "./judge.ts";
import { HELP, readOptions, type SoakOptions } from "./options.ts";
import { writeReport } from "./report.ts";
import { runSoak } from "./run-soak.ts";

const CONFIG = fileURLToPath(new URL("../fixtures/deployment/wrangler.toml", import.meta.url));

await runCommand(main);

async function main(interrupted: AbortSignal): Promise<number> {
  const options = parse(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  await using stack = new AsyncDisposableStack();
  const outDir = await mkdtemp(join(tmpdir(), "headrace-soak-build-"));
  stack.defer(() => rm(outDir, { recursive: true, force: true }));
  const startedAt = performance.now();
  const say = (line: string) =>
    console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);
  say(`seed ${options.seed}: ${options.rate} requests a second for ${options.minutes} minutes`);
  await buildWorker(CONFIG, outDir);
  const soak = await runSoak(options, { configPath: CONFIG, outDir, signal: interrupted, say });
  console.log(`\n${writeReport(soak)}`);
  return judgeSoak(soak).length === 0 ? 0 : 1;
}

function parse(args: readonly string[]): SoakOptions | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    throw new CommandFailure(`${(error as Error).message}\nSee npm run soak -- --help.`);
  }
}
