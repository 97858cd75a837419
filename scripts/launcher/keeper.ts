/**
 * The process between a launcher and wrangler: it leads the group that wrangler, esbuild and workerd
 * belong to, and ends that group when its channel to the launcher closes. The channel closes however
 * the launcher ends, so a crash of it leaves nothing running either.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { signalGroup } from "./process-group.ts";
import { WRANGLER } from "./wrangler.ts";

/** wrangler needs some 50 ms to end in order, and to remove its temporary files. */
const GRACE_MS = 3000;

const wrangler = spawn(process.execPath, [WRANGLER, ...process.argv.slice(2)], { stdio: "inherit" });
const ended = once(wrangler, "exit");
const orphaned = process.connected ? once(process, "disconnect") : Promise.resolve();

// The group's signals reach the keeper too; it goes last.
process.on("SIGINT", () => {});
await Promise.race([ended, orphaned]);
signalGroup(process.pid, "SIGINT");
await Promise.race([ended, sleep(GRACE_MS)]);
signalGroup(process.pid, "SIGKILL");
