import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The entry of the installed package's build, which is for Node; it exports no path that can be resolved. */
export function findPortkey(): string {
  const folders = createRequire(import.meta.url).resolve.paths("@portkey-ai/gateway") ?? [];
  const entries = folders.map((folder) => join(folder, "@portkey-ai/gateway/build/start-server.js"));
  const found = entries.find((entry) => existsSync(entry));
  if (found === undefined) throw new Error("@portkey-ai/gateway is not installed");
  return found;
}
