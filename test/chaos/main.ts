/** `npm run chaos`: see options.ts, or `npm run chaos -- --help`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "../../scripts/launcher/command-failure.ts";
import { runCommand } from "../../scripts/launcher/run-command.ts";
import { buildWorker } from "../helpers/build-worker.ts";
import { HELP, readOptions } from "./options.ts";
import type { ChaosOptions } from "./plan.ts";
import { startProgress } from "./progress.ts";
import { writeReport } from "./report.ts";
import { runChaos } from "./run-chaos.ts";

const CONFIG = fileURLToPath(new URL("../fixtures/deployment/wrangler.toml", import.meta.url));

await runCommand((interrupted) => main(interrupted).catch(explain));

async function main(interrupted: AbortSignal): Promise<number> {
  const options = parse(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "headrace-chaos-build-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const watcher = startProgress(options.jobs, process.stdout);
  watcher.say(`seed ${options.seed}: ${options.jobs} jobs, ${options.kills} kills; building the Worker`);
  const outDir = join(folder, "worker");
  await buildWorker(CONFIG, outDir);
  const run = await runChaos(options, { configPath: CONFIG, outDir, watcher, signal: interrupted });
  watcher.say("checked");
  console.log(`\n${writeReport(run)}`);
  return run.violations.length === 0 ? 0 : 1;
}

function parse(args: readonly string[]): ChaosOptions | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    throw new CommandFailure(`${(error as Error).message}\nSee npm run chaos -- --help.`);
  }
}

/** A failure of the run itself is one to be looked into: all of it is shown, not its first line. */
function explain(error: unknown): never {
  if (error instanceof CommandFailure) throw error;
  throw new CommandFailure(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
