/** `npm run fuzz`: see options.ts, or `npm run fuzz -- --help`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { CommandFailure } from "../../scripts/launcher/command-failure.ts";
import { runCommand } from "../../scripts/launcher/run-command.ts";
import { findTimes, type FuzzOptions, HELP, KINDS, readOptions } from "./options.ts";

await runCommand(main);

/** Runs the tests that draw, with another seed and more of it. */
async function main(interrupted: AbortSignal): Promise<number> {
  const options = parse(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const { seed, kinds } = options;
  console.log(`seed ${seed}: about ${options.count} inputs of ${kinds.join(", ")}`);
  const files = kinds.flatMap((kind) => KINDS[kind].files);
  const tests = spawn("vitest", ["run", "--silent=false", "--project", "e2e", ...files], {
    stdio: "inherit",
    env: {
      ...process.env,
      HEADRACE_FUZZ_SEED: String(seed),
      HEADRACE_FUZZ_RUNS: String(findTimes(options)),
    },
  });
  interrupted.addEventListener("abort", () => tests.kill("SIGINT"));
  const [code] = (await once(tests, "exit")) as [number | null];
  return code ?? 1;
}

function parse(args: readonly string[]): FuzzOptions | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    throw new CommandFailure(`${(error as Error).message}\nSee npm run fuzz -- --help.`);
  }
}
