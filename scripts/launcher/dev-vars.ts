import { appendFile, readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { createKey, createSecret } from "./random-key.ts";

const API_KEY = "HEADRACE_API_KEY";
/** How missing variables are made: a key to call the gateway with, and a secret to sign webhooks. */
const MAKERS = { [API_KEY]: () => createKey("test"), HEADRACE_WEBHOOK_SECRET: createSecret } as const;
const HEADER = "# Secrets of the gateway on this machine; git ignores this file.\n";

export interface DevVars {
  readonly apiKey: string;
  /** Whether the key was made now. */
  readonly created: boolean;
}

/**
 * Reads the key from `.dev.vars`, which `wrangler dev` gives to the Worker. Creates the file, readable by its
 * owner only, or adds the key and the webhooks' secret to it; existing variables stay as they are.
 */
export async function ensureDevVars(path: string): Promise<DevVars> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  const existing = parseEnv(text ?? "");
  const missing = Object.entries(MAKERS).filter(([name]) => (existing[name] ?? "") === "");
  const made = Object.fromEntries(missing.map(([name, make]) => [name, make()]));
  const lines = Object.entries(made).map(([name, value]) => `${name}=${value}\n`);
  if (text === undefined) {
    await writeFile(path, HEADER + lines.join(""), { mode: 0o600, flag: "wx" });
  } else if (lines.length > 0) {
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    await appendFile(path, gap + lines.join(""));
  }
  return { apiKey: made[API_KEY] ?? existing[API_KEY] ?? "", created: API_KEY in made };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
