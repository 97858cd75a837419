import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailure } from "./command-failure.ts";
import { HOST } from "./free-port.ts";
import { startKept, type KeptProcess } from "./kept-process.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { askReadiness, type RouteStatus } from "./readiness.ts";
import { cleanLine, hasFailedBuild, summariseErrors } from "./wrangler-output.ts";

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 100;

export interface GatewayOptions {
  readonly port: number;
  /** The folder of its storage. */
  readonly stateFolder: string;
  /** A file of variables and secrets to be used in place of `.dev.vars`. */
  readonly variablesFile?: string;
  /** Gives up the start; a gateway that has started is for the caller to stop. */
  readonly signal: AbortSignal;
  /** Gets what the gateway writes once it is ready, in clean lines. */
  readonly onLine?: (line: string) => void;
}

export interface Gateway {
  readonly url: string;
  readonly routes: readonly RouteStatus[];
  /** Resolves when the gateway has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the gateway under `wrangler dev`, and waits until it is ready. Throws a CommandFailure that
 * says what is wrong, or the signal's reason; nothing is left running then.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await makePrivateFolder(options.stateFolder);
  const url = `http://${HOST}:${options.port}`;
  const startup: string[] = [];
  let write = (line: string): void => void startup.push(line);
  const kept = startKept(buildArguments(options), (line) => {
    const text = cleanLine(line);
    if (text !== undefined) write(text);
  });
  try {
    const routes = await waitUntilReady(url, kept, startup, options.signal);
    write = options.onLine ?? (() => {});
    return { url, routes, ended: kept.ended, stop: kept.stop };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}

/** An inspector port of 0 is any free one, so that several instances can run. */
const buildArguments = ({ port, stateFolder, variablesFile }: GatewayOptions): readonly string[] => [
  "dev",
  `--ip=${HOST}`,
  `--port=${port}`,
  "--inspector-port=0",
  `--persist-to=${stateFolder}`,
  "--show-interactive-dev-session=false",
  ...(variablesFile === undefined ? [] : [`--env-file=${variablesFile}`]),
];

async function waitUntilReady(
  url: string,
  kept: KeptProcess,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<readonly RouteStatus[]> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    await sleep(ASK_EVERY_MS, undefined, { signal });
    if (kept.hasEnded() || hasFailedBuild(lines)) throw await describeFailedStart(lines);
    const readiness = await askReadiness(url);
    if (readiness.kind === "broken") throw misconfigured(readiness.message);
    if (readiness.kind === "ready" && !kept.hasEnded()) return readiness.routes;
  }
  const words = summariseErrors(lines) ?? lines.at(-1) ?? "it said nothing";
  throw new CommandFailure(`The gateway was not ready within ${READY_WITHIN_MS / 1000} s: ${words}.`);
}

const misconfigured = (message: string): CommandFailure =>
  new CommandFailure(
    `The gateway is not configured: ${message.replace(/\.$/, "")}. Correct it, and start again.`,
  );

/** The lines of one error come in several writes. */
async function describeFailedStart(lines: readonly string[]): Promise<CommandFailure> {
  await sleep(ASK_EVERY_MS);
  const words = summariseErrors(lines) ?? lines.at(-1) ?? "wrangler ended without a word";
  return new CommandFailure(`The gateway does not start: ${words}. Correct it, and start again.`);
}
