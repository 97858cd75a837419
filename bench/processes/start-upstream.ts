import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { stopProcess } from "./stop-process.ts";

export interface Server extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly pid: number;
}

/** Starts the fake upstream. It ends when its stdin closes, so never later than its parent. */
export async function startUpstream(): Promise<Server> {
  const main = fileURLToPath(new URL("../upstream/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "inherit"] });
  const failed = once(child, "exit").then(() => Promise.reject(new Error("the upstream did not start")));
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), failed])) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  failed.catch(() => undefined);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? -1,
    [Symbol.asyncDispose]: () => stopProcess(child),
  };
}
