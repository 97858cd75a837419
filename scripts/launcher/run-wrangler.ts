import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { CommandFailure } from "./command-failure.ts";
import { ROOT } from "./settings.ts";
import { cleanLine, summariseErrors } from "./wrangler-output.ts";
import { WRANGLER, WRANGLER_ENVIRONMENT } from "./wrangler.ts";

/** Runs one command of wrangler's to its end, and gives what it wrote to stdout. */
export async function runWrangler(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...WRANGLER_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code === 0) return stdout;
  const lines = `${stderr}\n${stdout}`.split("\n").flatMap((line) => cleanLine(line) ?? []);
  throw new CommandFailure(
    `wrangler failed: ${summariseErrors(lines) ?? lines.at(-1) ?? `exit code ${code}`}.`,
  );
}
