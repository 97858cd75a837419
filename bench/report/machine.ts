import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { isPinned } from "../processes/pin-process.ts";
import type { Machine } from "./results.ts";

/** What the numbers were measured on, and with. */
export function describeMachine(root: string): Machine {
  const require = createRequire(join(root, "package.json"));
  const own = readVersion(join(root, "package.json"));
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    isPinned: isPinned(),
    node: process.version,
    workerd: readVersion(join(dirname(require.resolve("workerd")), "../package.json")),
    headrace: own,
    portkey: readVersion(join(root, "node_modules/@portkey-ai/gateway/package.json")),
  };
}

const readVersion = (path: string): string =>
  (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
