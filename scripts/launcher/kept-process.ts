import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { HAS_GROUPS, signalGroup } from "./process-group.ts";
import { ROOT } from "./settings.ts";
import { WRANGLER_ENVIRONMENT } from "./wrangler.ts";

const KEEPER = fileURLToPath(new URL("./keeper.ts", import.meta.url));
/** The keeper's own grace, and some more. */
const STOP_MS = 5000;

/** A wrangler with all it has started, none of which outlives the process that started it. */
export interface KeptProcess {
  /** Resolves when all processes have ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  /** Ends everything, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

/** Starts wrangler under a keeper; `onLine` gets what it writes, line by line. */
export function startKept(args: readonly string[], onLine: (line: string) => void): KeptProcess {
  const keeper = spawn(process.execPath, [KEEPER, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...WRANGLER_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: HAS_GROUPS,
  }) as Keeper;
  keeper.once("exit", () => endGroup(keeper));
  for (const input of [keeper.stdout, keeper.stderr]) createInterface({ input }).on("line", onLine);
  let gone = false;
  const ended = waitForEnd(keeper).finally(() => {
    gone = true;
  });
  return { ended, hasEnded: () => gone, stop: () => stop(keeper, ended) };
}

type Keeper = ChildProcessByStdio<null, Readable, Readable>;

/** Not "close": Node does not emit it where the parent has closed the channel. */
async function waitForEnd(keeper: Keeper): Promise<void> {
  await Promise.all([once(keeper, "exit"), once(keeper.stdout, "close"), once(keeper.stderr, "close")]);
}

async function stop(keeper: ChildProcess, ended: Promise<void>): Promise<void> {
  const timer = setTimeout(() => endGroup(keeper), STOP_MS);
  if (keeper.connected) keeper.disconnect();
  await ended;
  clearTimeout(timer);
}

function endGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) signalGroup(pid, "SIGKILL");
}
