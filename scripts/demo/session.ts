import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevVars } from "../launcher/dev-vars.ts";
import { findFreePort, requireFreePort } from "../launcher/free-port.ts";
import { startGateway, type Gateway } from "../launcher/gateway-process.ts";
import { parsePort, readStateFolder, ROOT } from "../launcher/settings.ts";

export interface SessionSettings {
  readonly port: number;
  readonly apiKey: string;
  /** The folder the caller chose; undefined for one that lives as long as the session. */
  readonly stateFolder: string | undefined;
}

/** A gateway for the demo alone. */
export interface Session {
  readonly apiKey: string;
  readonly url: string;
  /** Ends the gateway's processes, and starts new ones over the same storage. */
  readonly restart: () => Promise<void>;
  /** Ends the gateway, and removes the storage where it was made for the session. */
  readonly close: () => Promise<void>;
}

/** Takes a free port, unless `PORT` names one, so that a gateway that runs already is left alone. */
export async function prepareSession(): Promise<SessionSettings> {
  const wanted = parsePort(process.env["PORT"]);
  const port = wanted === undefined ? await findFreePort() : await requireFreePort(wanted);
  const { apiKey } = await ensureDevVars(join(ROOT, ".dev.vars"));
  return { port, apiKey, stateFolder: readStateFolder(process.env) };
}

/** Starts the gateway; when that fails, nothing is left of the attempt. */
export async function openSession(settings: SessionSettings, signal: AbortSignal): Promise<Session> {
  const stateFolder = settings.stateFolder ?? (await mkdtemp(join(tmpdir(), "headrace-demo-")));
  const start = (): Promise<Gateway> => startGateway({ port: settings.port, stateFolder, signal });
  const removeFolder = async (): Promise<void> => {
    if (settings.stateFolder === undefined) await rm(stateFolder, { recursive: true, force: true });
  };
  let gateway = await start().catch(async (error: unknown) => {
    await removeFolder();
    throw error;
  });
  return {
    apiKey: settings.apiKey,
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
}
