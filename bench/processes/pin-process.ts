import { execFile } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { promisify } from "node:util";

const CORES = cpus().length;

/**
 * Gives the last core to the process that answers, and the others to this one and all that it starts from
 * then on: the load, the upstream, builds. Those that answer are moved to theirs by `pinServer`. Why it
 * cannot be done, where it cannot.
 */
export async function pinOthers(): Promise<string | undefined> {
  if (CORES < 2) return "there is one core";
  try {
    await setCores(process.pid, CORES === 2 ? "0" : `0-${CORES - 2}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether this process leaves a core to those that answer. */
export const isPinned = () => availableParallelism() < CORES;

/** Moves a process that answers, with all its threads, to the core that is left to it. */
export async function pinServer(pid: number): Promise<void> {
  if (isPinned()) await setCores(pid, String(CORES - 1));
}

/** Lets a process, and all that it starts from then on, run on any core again. */
export async function unpin(pid: number): Promise<void> {
  if (isPinned()) await setCores(pid, `0-${CORES - 1}`);
}

const setCores = (pid: number, cores: string) =>
  promisify(execFile)("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)]);
