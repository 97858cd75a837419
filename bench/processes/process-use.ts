import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, on every architecture that runs workerd. */
const MICROSECONDS_PER_TICK = 10_000;

/** The CPU time that a process has used so far, its own and the kernel's on its behalf, in microseconds. */
export function readCpuMicroseconds(pid: number): number {
  const fields = readStat(pid);
  // proc(5): utime and stime are fields 14 and 15, so 11 and 12 after the name.
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

/** The memory a process has in RAM now, and the most it ever had, in bytes. */
export function readMemory(pid: number): { readonly bytes: number; readonly peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { bytes: read("VmRSS"), peakBytes: read("VmHWM") };
}

/** The processes of that name that this one has started. */
export function listChildren(name: string): number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      return Number(readStat(pid)[1]) === process.pid && readName(pid) === name;
    } catch {
      return false; // It has ended since the list was made.
    }
  });
}

const readName = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

/** The fields of proc(5) after the name, which may hold spaces: the first is the state, then the parent. */
function readStat(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
