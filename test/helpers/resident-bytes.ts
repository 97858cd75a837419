import { readdir, readFile } from "node:fs/promises";

/** How much memory this process's children of a name hold, in bytes; on Linux. */
export async function readResidentBytes(name: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const sizes = await Promise.all(ids.map((id) => readChild(id, name)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function readChild(id: string, name: string): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  const field = (key: string) => new RegExp(`^${key}:\\s*(\\S+)`, "m").exec(status)?.[1];
  if (field("Name") !== name || Number(field("PPid")) !== process.pid) return 0;
  return Number(field("VmRSS") ?? 0) * 1024;
}
