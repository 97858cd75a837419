import { chmod, lstat, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Nothing for the group and for others, in what this process and its children create from now on. */
export const keepFilesPrivate = (): void => void process.umask(0o077);

/** The files that are ours in a state folder: the storage, and the launcher's note. */
const OURS = ["v3", "gateway.json"];

/**
 * Makes a state folder that only its owner may enter; closes one that others could read, with what a gateway has
 * stored there. What else is in a folder that somebody has chosen stays as it is.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (await isPrivate(folder)) return;
  for (const name of OURS) await close(join(folder, name));
  // Last, so that a start that was interrupted is made up for by the next.
  await chmod(folder, 0o700);
}

const isPrivate = async (path: string): Promise<boolean> => ((await stat(path)).mode & 0o077) === 0;

/** Links are left alone: chmod would follow them. */
async function close(path: string): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isFile()) await chmod(path, 0o600);
  if (!entry?.isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await close(join(path, name));
}
