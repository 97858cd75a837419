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

const FAKE = new URL("../upstream/main.ts", import.meta.url);

/** Starts the fake upstream, or another. It ends when its stdin closes, so never later than its parent. */
export async function startUpstream(main: URL = FAKE, args: readonly string[] = []): Promise<Server> {
  const child = spawn(process.execPath, [fileURLToPath(main), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
