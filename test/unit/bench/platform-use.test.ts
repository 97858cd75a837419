import { describe, expect, it } from "vitest";
import type { ObjectUse, Tally } from "../../../bench/deployment/counted/tally.ts";
import { describeUse } from "../../../bench/jobs/platform-use.ts";

const none: ObjectUse = { requests: 0, alarms: 0, rowsWritten: 0, rowsRead: 0, waitedMs: 0 };
const start: Tally = {
  workerRequests: 5,
  queueDeliveries: 1,
  messagesWritten: 2,
  messagesRead: 2,
  kvReads: 0,
  kvWrites: 0,
  outcomes: 1,
  forgotten: 0,
  objects: { JOBS: { untilOutcome: { ...none, requests: 3, rowsWritten: 4 }, afterwards: none } },
};

describe("what was used between two tallies", () => {
  it("is nothing where nothing has happened", () => {
    const { jobs, afterwards, directories } = describeUse(start, start);
    expect(Object.values({ ...jobs, ...afterwards, ...directories }).every((value) => value === 0)).toBe(
      true,
    );
  });

  it("counts requests and deliveries as the Worker's, calls and alarms as the object's", () => {
    const { jobs } = describeUse(start, {
      ...start,
      workerRequests: 7,
      queueDeliveries: 2,
      objects: {
        JOBS: {
          untilOutcome: { requests: 9, alarms: 1, rowsWritten: 12, rowsRead: 2, waitedMs: 500 },
          afterwards: none,
        },
      },
    });
    expect(jobs).toMatchObject({ workerRequests: 3, objectRequests: 7, rowsWritten: 8, rowsRead: 2 });
    expect(jobs.objectSeconds).toBe(0.5);
  });

  it("bills a message that was delivered twice as written, read twice and deleted", () => {
    const { jobs } = describeUse(start, { ...start, messagesWritten: 3, messagesRead: 4 });
    expect(jobs.queueOperations).toBe(4);
  });

  it("keeps what comes after the outcome, and the directory's part, apart", () => {
    const { jobs, afterwards, directories } = describeUse(start, {
      ...start,
      objects: {
        ...start.objects,
        JOBS: {
          untilOutcome: { ...none, requests: 3, rowsWritten: 4 },
          afterwards: { ...none, alarms: 1, rowsWritten: 2 },
        },
        JOB_DIRECTORIES: { untilOutcome: { ...none, requests: 1, rowsWritten: 1 }, afterwards: none },
      },
    });
    expect(jobs).toMatchObject({ objectRequests: 0, rowsWritten: 0 });
    expect(afterwards).toMatchObject({ objectRequests: 1, rowsWritten: 2 });
    expect(directories).toMatchObject({ objectRequests: 1, rowsWritten: 1 });
  });
});
