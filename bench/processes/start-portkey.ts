import { fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../../scripts/launcher/free-port.ts";
import { findPortkey } from "./find-portkey.ts";
import { pinServer } from "./pin-process.ts";
import type { Server } from "./start-upstream.ts";
import { stopProcess } from "./stop-process.ts";

const START_WITHIN_MS = 20_000;
const POLL_MS = 50;

/** Starts Portkey's open source gateway on Node, as its own `start:node` does. */
export async function startPortkey(): Promise<Server> {
  const preload = fileURLToPath(new URL("./confine-server.cjs", import.meta.url));
  const port = await findFreePort();
  const child = fork(findPortkey(), [`--port=${port}`, "--headless"], {
    execArgv: ["--require", preload],
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => stopProcess(child);
  for (
    const deadline = performance.now() + START_WITHIN_MS;
    performance.now() < deadline;
    await wait(POLL_MS)
  ) {
    const answered = await fetch(url).then(
      (response) => response.body?.cancel().then(() => true),
      () => false,
    );
    if (answered) {
      const pid = child.pid ?? -1;
      await pinServer(pid);
      return { url, pid, [Symbol.asyncDispose]: stop };
    }
    if (child.exitCode !== null) break;
  }
  await stop();
  throw new Error("Portkey's gateway did not start");
}
