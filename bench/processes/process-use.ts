import { readdirSync, readFileSync } from "node:fs";

/**
 * The CPU time that a process has used so far, its own and the kernel's on its behalf, in microseconds. The
 * scheduler counts it in nanoseconds for each thread; threads that have ended are no longer counted.
 */
export function readCpuMicroseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + readThreadNanoseconds(pid, thread), 0) / 1000;
}

function readThreadNanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return 0; // It has ended since the list was made.
  }
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
      return readParent(pid) === process.pid && readName(pid) === name;
    } catch {
      return false; // It has ended since the list was made.
    }
  });
}

const readName = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

/** proc(5): after the name, which may hold spaces, come the state and the parent. */
function readParent(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
