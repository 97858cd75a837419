import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "./command-failure.ts";

/** The folder of the repository, which wrangler runs in. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

type Variables = Readonly<Record<string, string | undefined>>;

/** The port that `PORT` names; undefined where it is unset or empty. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new CommandFailure(`PORT must be a whole number from 1 to 65535, and is '${text}'.`);
}

/** The folder that `HEADRACE_STATE` names, for storage that outlives the gateway; undefined where unset. */
export function readStateFolder(variables: Variables): string | undefined {
  const folder = variables["HEADRACE_STATE"];
  return folder === undefined || folder === "" ? undefined : resolve(ROOT, folder);
}

/** Where wrangler keeps its storage unless told otherwise. */
export const DEFAULT_STATE_FOLDER = resolve(ROOT, ".wrangler/state");
