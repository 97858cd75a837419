import { appendFile, readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { createKey } from "./random-key.ts";

const NAME = "HEADRACE_API_KEY";
const HEADER = "# Secrets of the gateway on this machine; git ignores this file.\n";

export interface DevVars {
  readonly apiKey: string;
  /** Whether the key was made now. */
  readonly created: boolean;
}

/**
 * Reads the key from `.dev.vars`, which `wrangler dev` gives to the Worker. Makes the file, for its
 * owner's eyes only, or adds the key to it; what is there stays as it is.
 */
export async function ensureDevVars(path: string): Promise<DevVars> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  const existing = parseEnv(text ?? "")[NAME];
  if (existing !== undefined && existing !== "") return { apiKey: existing, created: false };
  const apiKey = createKey("test");
  if (text === undefined) {
    await writeFile(path, `${HEADER}${NAME}=${apiKey}\n`, { mode: 0o600, flag: "wx" });
  } else {
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    await appendFile(path, `${gap}${NAME}=${apiKey}\n`);
  }
  return { apiKey, created: true };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
