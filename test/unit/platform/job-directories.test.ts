import { describe, expect, it } from "vitest";
import type { EntryRow, ShardQuery } from "../../../worker/domain/jobs/job-directory-protocol.ts";
import { ObjectUnavailable } from "../../../worker/platform/call-object.ts";
import { createJobDirectories } from "../../../worker/platform/job-directories.ts";
import { entryOf, idOf, T } from "../jobs/job-entries.ts";

const QUERY = { filter: { statuses: null, model: null, metadata: [] }, after: null, limit: 20 };

/** A namespace whose objects note what they are asked, and fail as often as they are told to. */
function open({ failures = 0, retryable = true } = {}) {
  const calls: { name: string; asked: string; rows: number }[] = [];
  let left = failures;
  let stubs = 0;
  const answer = async <R>(name: string, asked: string, rows: number, reply: R) => {
    calls.push({ name, asked, rows });
    if (left-- > 0) throw Object.assign(new Error("gone"), { retryable });
    return reply;
  };
  const namespace = {
    idFromName: (name: string) => ({ name }),
    get: ({ name }: { name: string }) => {
      stubs++;
      return {
        record: (rows: readonly EntryRow[]) => answer(name, "record", rows.length, undefined),
        remove: () => answer(name, "remove", 0, undefined),
        list: ({ count }: ShardQuery) => answer(name, `list ${count}`, 0, { entries: [], scannedTo: null }),
      };
    },
  };
  const directories = createJobDirectories(namespace as unknown as DurableObjectNamespace, () => undefined);
  return { directories, calls, stubs: () => stubs };
}

describe("a tenant's directory", () => {
  it("is told of many jobs in one call an object", async () => {
    const { directories, calls } = open();
    await directories.record(
      "acme",
      Array.from({ length: 100 }, (_, n) => entryOf(n)),
    );
    expect(calls.map(({ name }) => name).toSorted()).toEqual([0, 1, 2, 3].map((shard) => `acme\n${shard}`));
    expect(calls.reduce((sum, { rows }) => sum + rows, 0)).toBe(100);
    await directories.record("acme", []);
    expect(calls).toHaveLength(4);
  });

  it("looks for a job where it was put", async () => {
    const { directories, calls } = open();
    await directories.record("acme", [entryOf(5)]);
    await directories.remove("acme", { id: idOf(5), createdAt: T + 5 }, T);
    expect(calls[0]?.name).toBe(calls[1]?.name);
  });

  it("asks every object for one more than a page, so as to know whether there is more", async () => {
    const { directories, calls } = open();
    expect(await directories.list("acme", QUERY)).toEqual({ entries: [], next: null });
    expect(calls.map(({ asked }) => asked)).toEqual(Array.from({ length: 4 }, () => "list 21"));
  });

  it("is asked again, by a fresh stub, where the platform says that this can help", async () => {
    const { directories, calls, stubs } = open({ failures: 1 });
    await directories.record("acme", [entryOf(1)]);
    expect([calls.length, stubs()]).toEqual([2, 2]);
  });

  it("that cannot be reached says so rather than being short of something", async () => {
    const { directories } = open({ failures: 1, retryable: false });
    await expect(directories.list("acme", QUERY)).rejects.toBeInstanceOf(ObjectUnavailable);
  });
});
