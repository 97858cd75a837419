import type { ObjectUse, Tally } from "../deployment/counted/tally.ts";
import { NO_USE, type PlatformUse } from "./platform-cost.ts";

/** The binding of the objects that list a tenant's jobs; what they do is shown apart. */
const DIRECTORIES = "JOB_DIRECTORIES";

/** What was counted between two looks, for the jobs in between; CPU time is not counted, but measured. */
export interface CountedUse {
  /** From acceptance to outcome. */
  readonly jobs: PlatformUse;
  /** What the objects of jobs do once those have ended. */
  readonly afterwards: PlatformUse;
  readonly directories: PlatformUse;
}

/** The difference of two tallies, as billed. Pure. */
export function describeUse(before: Tally, after: Tally): CountedUse {
  const difference = subtract(before, after);
  const { objects } = difference;
  const others = Object.entries(objects).filter(([binding]) => binding !== DIRECTORIES);
  const directories = objects[DIRECTORIES];
  return {
    jobs: {
      ...sumObjects(others.map(([, { untilOutcome }]) => untilOutcome)),
      workerRequests: difference.workerRequests + difference.queueDeliveries,
      kvReads: difference.kvReads,
      kvWrites: difference.kvWrites,
      // Every message is written and deleted once, and read as often as it is delivered.
      queueOperations: 2 * difference.messagesWritten + difference.messagesRead,
    },
    afterwards: sumObjects(others.map(([, each]) => each.afterwards)),
    directories: sumObjects(directories ? [directories.untilOutcome, directories.afterwards] : []),
  };
}

function sumObjects(uses: readonly ObjectUse[]): PlatformUse {
  const sum = (read: (use: ObjectUse) => number) => uses.reduce((total, use) => total + read(use), 0);
  return {
    ...NO_USE,
    objectRequests: sum(({ requests, alarms }) => requests + alarms),
    rowsWritten: sum(({ rowsWritten }) => rowsWritten),
    rowsRead: sum(({ rowsRead }) => rowsRead),
    objectSeconds: sum(({ waitedMs }) => waitedMs / 1000),
  };
}

/** Number by number, however deep; what was not there before counted from 0. */
function subtract<T extends object>(before: T | undefined, after: T): T {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]: [string, unknown]) => {
      const earlier: unknown = before?.[name as keyof T];
      if (typeof value === "number") return [name, value - (typeof earlier === "number" ? earlier : 0)];
      return [name, subtract(earlier as object | undefined, value as object)];
    }),
  ) as T;
}
