import { CommandFailure } from "./command-failure.ts";
import { keepFilesPrivate } from "./private-folder.ts";

/** What shells report for a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * Runs a command and gives its exit code. Signals abort the `AbortSignal` that the command gets, so that its
 * `finally` blocks run; a failure is one line on stderr and the code 1. What it writes is for its user alone.
 */
export async function runCommand(main: (interrupted: AbortSignal) => Promise<number>): Promise<void> {
  keepFilesPrivate();
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => interruption.abort());
  }
  process.exitCode = await main(interruption.signal).catch((error: unknown) => {
    console.error(interruption.signal.aborted ? "Interrupted." : describeFailure(error));
    return interruption.signal.aborted ? INTERRUPTED : 1;
  });
}

/** One line for any error: the message of an expected failure, others with their class. */
export function describeFailure(error: unknown): string {
  if (error instanceof CommandFailure) return error.message;
  const [line = ""] = String(error).split("\n");
  return line;
}
