import { join } from "node:path";
import { printBanner } from "./launcher/banner.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { ensureDevVars } from "./launcher/dev-vars.ts";
import { requireFreePort } from "./launcher/free-port.ts";
import { startGateway, type Gateway } from "./launcher/gateway-process.ts";
import { renderLogLine } from "./launcher/log-line.ts";
import { runCommand } from "./launcher/run-command.ts";
import { DEFAULT_STATE_FOLDER, parsePort, readStateFolder, ROOT } from "./launcher/settings.ts";
import { dim, print } from "./launcher/terminal.ts";

const DEFAULT_PORT = 8787;

/** `npm start`: the gateway on this machine, until Ctrl-C. */
async function start(interrupted: AbortSignal): Promise<number> {
  const port = await requireFreePort(parsePort(process.env["PORT"]) ?? DEFAULT_PORT);
  const stateFolder = readStateFolder(process.env) ?? DEFAULT_STATE_FOLDER;
  const { apiKey, created } = await ensureDevVars(join(ROOT, ".dev.vars"));
  print(dim("Starting the gateway …"));
  const onLine = (line: string): void => print(renderLogLine(line, new Date().toTimeString().slice(0, 8)));
  const gateway = await startGateway({ port, stateFolder, signal: interrupted, onLine });
  printBanner({ gateway, apiKey, keyCreated: created, stateFolder });
  await serveUntil(interrupted, gateway);
  print();
  print("The gateway has ended.");
  return 0;
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
