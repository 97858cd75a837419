import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DIRECTORY_SHARDS,
  directoryObjectName,
  type ListedEntry,
  mergePages,
  type ShardPage,
  shardOf,
} from "../../../worker/domain/jobs/job-directory-protocol.ts";
import { comparePositions, type JobPosition } from "../../../worker/domain/jobs/job-entry.ts";
import { idOf } from "./job-entries.ts";

/** Entries 1, 2, 3, …: the higher the newer. */
const listed = (createdAt: number): ListedEntry => ({ createdAt, id: idOf(createdAt), summary: "{}" });
const place = (createdAt: number): JobPosition => ({ createdAt, id: idOf(createdAt) });
const page = (times: readonly number[], scannedTo: number | null = null): ShardPage => ({
  entries: times.map(listed),
  scannedTo: scannedTo === null ? null : place(scannedTo),
});
const merged = (pages: readonly ShardPage[], limit: number) => {
  const { entries, next } = mergePages(pages, limit);
  return [entries.map(({ createdAt }) => createdAt), next?.createdAt ?? null];
};

describe("the shard of a job", () => {
  it("is always the same, and takes about a fourth of all", () => {
    const counts = Array.from({ length: DIRECTORY_SHARDS }, () => 0);
    for (let n = 0; n < 4000; n++) counts[shardOf(idOf(n))] = (counts[shardOf(idOf(n))] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    // What is stored lies where this leads: it must never lead elsewhere.
    expect(["", "job_a", idOf(1), idOf(2), idOf(3)].map(shardOf)).toEqual([0, 2, 2, 3, 3]);
  });

  it("has a name that no other tenant's has", () => {
    expect(directoryObjectName("a", 1)).not.toBe(directoryObjectName("a1", 0));
    expect(directoryObjectName("a", 0)).toBe("a\n0");
  });
});

describe("a page of what the shards found", () => {
  it("is newest first, and ends where there is no more", () => {
    expect(merged([page([9, 4]), page([7, 5]), page([])], 4)).toEqual([[9, 7, 5, 4], null]);
    expect(merged([page([]), page([])], 20)).toEqual([[], null]);
  });

  it("goes on after its last where one more was found", () => {
    expect(merged([page([9, 4]), page([7, 5])], 3)).toEqual([[9, 7, 5], 5]);
  });

  it("holds nothing from beyond where a shard stopped looking", () => {
    expect(merged([page([9, 2]), page([8], 6), page([7, 5, 3])], 10)).toEqual([[9, 8, 7], 6]);
    expect(merged([page([], 6), page([5, 3])], 10)).toEqual([[], 6]);
  });

  it("leads through all entries, each once and in order, wherever the shards stop", () => {
    const limits = fc.record({
      limit: fc.integer({ min: 1, max: 7 }),
      bound: fc.integer({ min: 1, max: 5 }),
      wanted: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    });
    fc.assert(
      fc.property(limits, ({ limit, bound, wanted }) => {
        const isWanted = ({ createdAt }: JobPosition) => wanted.at(createdAt) ?? false;
        const all = wanted.map((_, n) => listed(n)).toSorted(comparePositions);
        const found: number[] = [];
        let after: JobPosition | null = null;
        for (let pages = 0; pages < 100; pages++) {
          const begin: JobPosition | null = after;
          const shards = [0, 1, 2, 3].map((shard) => {
            const rows = all.filter(
              (entry) => entry.createdAt % 4 === shard && (!begin || comparePositions(begin, entry) < 0),
            );
            const seen = rows.slice(0, bound);
            const matching = seen.filter(isWanted).slice(0, limit + 1);
            const last = matching.length > limit ? matching.at(-1) : rows.length > bound ? seen.at(-1) : null;
            return { entries: matching, scannedTo: last ?? null };
          });
          const { entries, next } = mergePages(shards, limit);
          found.push(...entries.map(({ createdAt }) => createdAt));
          expect(entries.length).toBeLessThanOrEqual(limit);
          after = next;
          if (next === null) break;
        }
        expect(after).toBeNull();
        expect(found).toEqual(all.filter(isWanted).map(({ createdAt }) => createdAt));
      }),
    );
  });
});
