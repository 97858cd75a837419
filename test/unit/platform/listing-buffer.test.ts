import { describe, expect, it } from "vitest";
import type { JobEntry } from "../../../worker/domain/jobs/job-entry.ts";
import { ListingBuffer } from "../../../worker/platform/listing-buffer.ts";
import { entryOf } from "../jobs/job-entries.ts";

/** A buffer with a clock, a directory and a second that are the test's. */
function open({ fails = false } = {}) {
  const told: { tenant: string; ids: string[] }[] = [];
  const logged: object[] = [];
  const seconds: (() => void)[] = [];
  const works: Promise<unknown>[] = [];
  const clock = { now: 0 };
  const buffer = new ListingBuffer({
    record: async (tenant, entries: readonly JobEntry[]) => {
      if (fails) throw new Error("gone");
      told.push({ tenant, ids: entries.map(({ id }) => id) });
    },
    wait: () => new Promise((resolve) => seconds.push(resolve)),
    now: () => clock.now,
    log: { info: () => {}, warn: (event, fields) => void logged.push({ event, ...fields }) },
  });
  const defer = (work: Promise<unknown>) => void works.push(work);
  return {
    buffer,
    told,
    logged,
    clock,
    works,
    add: (tenant: string, entry: JobEntry) => buffer.add(tenant, entry, defer),
    passSecond: async (which: number) => {
      seconds[which]?.();
      await works[which];
    },
  };
}

const entries = (count: number, from = 0) => Array.from({ length: count }, (_, n) => entryOf(from + n));
const idsOf = (list: readonly JobEntry[]) => list.map(({ id }) => id);

describe("entries that are gathered for directories", () => {
  it("gathers for a second, and costs a tenant one call", async () => {
    const { add, told, works, passSecond } = open();
    const [mine, theirs] = [entries(3), entries(2, 10)];
    for (const entry of mine) add("acme", entry);
    for (const entry of theirs) add("other", entry);
    expect([told.length, works.length]).toEqual([0, 2]);
    await passSecond(0);
    await passSecond(1);
    expect(told).toEqual([
      { tenant: "acme", ids: idsOf(mine) },
      { tenant: "other", ids: idsOf(theirs) },
    ]);
  });

  it("is sent at once when a list is asked for, and not again when the second is over", async () => {
    const { add, buffer, told, passSecond } = open();
    add("acme", entryOf(1));
    await buffer.flush("acme");
    await buffer.flush("acme");
    add("acme", entryOf(2));
    await passSecond(0);
    expect(told).toEqual([{ tenant: "acme", ids: idsOf([entryOf(1)]) }]);
    await passSecond(1);
    expect(told).toHaveLength(2);
  });

  it("is sent at once where the buffer is full", async () => {
    const { add, told, works } = open();
    for (const entry of entries(1000)) add("acme", entry);
    await works.at(-1);
    expect(told.map(({ ids }) => ids.length)).toEqual([1000]);
  });

  it("is sent by the next request where the one that was to send it has been stopped", async () => {
    const { add, clock, told, works } = open();
    add("acme", entryOf(1));
    clock.now = 10_000;
    add("acme", entryOf(2));
    await works.at(-1);
    expect(told).toEqual([{ tenant: "acme", ids: idsOf([entryOf(1), entryOf(2)]) }]);
  });

  it("takes bounded memory: an entry that does not fit is sent at once, and those of stopped requests are dropped", async () => {
    const { add, clock, told, works } = open();
    const large = {
      metadata: Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${n}`, "x".repeat(512)])),
    };
    const fill = (from: number) => {
      for (let n = from; n < from + 300; n++) add(`tenant-${n}`, entryOf(n, 1, large));
    };
    fill(0);
    await works.at(-1);
    const atOnce = told.length;
    expect(atOnce).toBeGreaterThan(100);
    expect(atOnce).toBeLessThan(300);
    clock.now = 10_000;
    fill(1000);
    await works.at(-1);
    expect(told.length).toBe(2 * atOnce);
  });

  it("that cannot be sent is logged, and the request does not fail", async () => {
    const { add, logged, passSecond } = open({ fails: true });
    add("acme", entryOf(1));
    await passSecond(0);
    expect(logged).toMatchObject([{ event: "listing_failed", tenant: "acme", entries: 1 }]);
  });
});
