import { spawnSync } from "node:child_process";

/** Whether processes can be started in, and ended as, a group of their own. */
export const HAS_GROUPS = process.platform !== "win32";

/** Signals a process and all it has started; one that is gone already is no failure. */
export function signalGroup(leader: number, signal: "SIGINT" | "SIGKILL"): void {
  if (!HAS_GROUPS) {
    spawnSync("taskkill", ["/pid", String(leader), "/T", "/F"]);
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
