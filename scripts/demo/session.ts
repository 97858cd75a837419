import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, requireFreePort } from "../launcher/free-port.ts";
import { startGateway, type Gateway } from "../launcher/gateway-process.ts";
import { createKey } from "../launcher/random-key.ts";
import { parsePort, readStateFolder } from "../launcher/settings.ts";

export interface SessionSettings {
  readonly port: number;
  /** The folder the caller chose; undefined for one that lives as long as the session. */
  readonly stateFolder: string | undefined;
}

/** A gateway for the demo alone. */
export interface Session {
  readonly apiKey: string;
  readonly url: string;
  /** Ends the gateway's processes, and starts new ones over the same storage. */
  readonly restart: () => Promise<void>;
  /** Ends the gateway, and removes what was made for the session, its storage among it. */
  readonly close: () => Promise<void>;
}

/** Takes a free port, unless `PORT` names one, so that a gateway that runs already is left alone. */
export async function prepareSession(): Promise<SessionSettings> {
  const wanted = parsePort(process.env["PORT"]);
  const port = wanted === undefined ? await findFreePort() : await requireFreePort(wanted);
  return { port, stateFolder: readStateFolder(process.env) };
}

/**
 * Starts the gateway with a key of its own and the variables given. It does not read `.dev.vars`, so the demo
 * never uses the keys of providers there, and costs nothing. When the start fails, everything is cleaned up.
 */
export async function openSession(
  { port, stateFolder }: SessionSettings,
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-demo-"));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const apiKey = createKey("test");
  const variablesFile = join(folder, "variables");
  const start = (): Promise<Gateway> =>
    startGateway({ port, stateFolder: stateFolder ?? join(folder, "state"), variablesFile, signal });
  try {
    await writeFile(variablesFile, writeVariables({ ...variables, HEADRACE_API_KEY: apiKey }));
    let gateway = await start();
    return {
      apiKey,
      url: gateway.url,
      restart: async () => {
        await gateway.stop();
        gateway = await start();
      },
      close: async () => {
        await gateway.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

const writeVariables = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
