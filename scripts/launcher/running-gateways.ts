import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure } from "./command-failure.ts";
import { ROOT } from "./settings.ts";

/** A gateway that runs, as the file says that its launcher has written. */
export interface RunningGateway {
  readonly pid: number;
  readonly url: string;
  readonly stateFolder: string;
}

/** One file a gateway of this repository, for the other commands to find it. */
const NOTES = join(ROOT, ".wrangler/gateways");
const LOCK = "gateway.json";

/**
 * Takes a state folder for one gateway: two over one storage would break it. Throws a CommandFailure where another
 * gateway runs there. Gives what frees the folder again.
 */
export async function claimState(gateway: RunningGateway): Promise<() => Promise<void>> {
  const { stateFolder, pid } = gateway;
  const lock = join(stateFolder, LOCK);
  const note = join(NOTES, `${pid}.json`);
  await Promise.all([stateFolder, NOTES].map((folder) => mkdir(folder, { recursive: true })));
  const other = await readNote(lock);
  if (other && isAlive(other.pid)) {
    const who = `the gateway at ${other.url} (process ${other.pid})`;
    throw new CommandFailure(
      `The state folder ${stateFolder} is in use by ${who}: stop that one, or choose another folder with HEADRACE_STATE.`,
    );
  }
  await Promise.all([lock, note].map((file) => writeFile(file, JSON.stringify(gateway))));
  return async () => {
    await Promise.all([lock, note].map((file) => rm(file, { force: true })));
  };
}

/** The gateways of this repository that run now. */
export async function findRunning(): Promise<readonly RunningGateway[]> {
  const names = await readdir(NOTES).catch(() => []);
  const found = await Promise.all(names.map((name) => readNote(join(NOTES, name))));
  return found.filter((gateway) => gateway !== undefined && isAlive(gateway.pid)) as RunningGateway[];
}

/** What a launcher has written there; undefined where there is nothing, or it was cut short. */
async function readNote(path: string): Promise<RunningGateway | undefined> {
  try {
    const note = JSON.parse(await readFile(path, "utf8")) as Partial<RunningGateway>;
    const { pid, url, stateFolder } = note;
    if (typeof pid !== "number" || typeof url !== "string" || typeof stateFolder !== "string")
      return undefined;
    return { pid, url, stateFolder };
  } catch {
    return undefined;
  }
}

/** Whether a process runs; what it left behind when it was killed does not count. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
