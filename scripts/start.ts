import { join } from "node:path";
import { printBanner } from "./launcher/banner.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { ensureDevVars } from "./launcher/dev-vars.ts";
import { HOST, requireFreePort } from "./launcher/free-port.ts";
import { startGateway, type Gateway, type GatewayOptions } from "./launcher/gateway-process.ts";
import { renderLogLine } from "./launcher/log-line.ts";
import { runCommand } from "./launcher/run-command.ts";
import { claimState } from "./launcher/running-gateways.ts";
import { DEFAULT_STATE_FOLDER, parsePort, readStateFolder, ROOT } from "./launcher/settings.ts";
import { dim, print, warning } from "./launcher/terminal.ts";
import { watchText } from "./launcher/watch-text.ts";

const DEFAULT_PORT = 8787;
const DEV_VARS = join(ROOT, ".dev.vars");
const CHANGED = ".dev.vars has changed: end the gateway with Ctrl-C and start it again to use it.";

/** `npm start`: the gateway on this machine, until Ctrl-C. */
async function start(interrupted: AbortSignal): Promise<number> {
  const port = await requireFreePort(parsePort(process.env["PORT"]) ?? DEFAULT_PORT);
  const stateFolder = readStateFolder(process.env) ?? DEFAULT_STATE_FOLDER;
  const url = `http://${HOST}:${port}`;
  const freeState = await claimState({ pid: process.pid, url, stateFolder });
  try {
    await serve({ port, stateFolder, signal: interrupted, onLine: printLog });
  } finally {
    await freeState();
  }
  print();
  print("The gateway has ended.");
  return 0;
}

/** Starts the gateway, says what there is to know of it, and waits for its end. */
async function serve(options: GatewayOptions): Promise<void> {
  const { apiKey, created } = await ensureDevVars(DEV_VARS);
  print(dim("Starting the gateway …"));
  const gateway = await startGateway(options);
  const unwatch = await watchText(DEV_VARS, () => print(warning(CHANGED)));
  printBanner({ gateway, apiKey, keyCreated: created, stateFolder: options.stateFolder });
  try {
    await serveUntil(options.signal, gateway);
  } finally {
    unwatch();
  }
}

function printLog(line: string): void {
  const time = new Date().toTimeString().slice(0, 8);
  for (const rendered of renderLogLine(line, time).split("\n")) print(rendered);
}

/** Stops the gateway on the signal; throws where it has ended by itself. */
async function serveUntil(interrupted: AbortSignal, gateway: Gateway): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  interrupted.addEventListener("abort", () => resolve());
  if (interrupted.aborted) resolve();
  await Promise.race([promise, gateway.ended]);
  if (!interrupted.aborted) throw new CommandFailure("The gateway ended by itself: start it again.");
  await gateway.stop();
}

await runCommand(start);
