import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EntryRow, ShardQuery } from "../../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobEntry, JobPosition } from "../../../worker/domain/jobs/job-entry.ts";
import { createJobDirectories } from "../../../worker/platform/job-directories.ts";
import { entryOf, idOf, T } from "../../unit/jobs/job-entries.ts";
import { namespace, openDirectory } from "./open-directory.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const directories = createJobDirectories(namespace, () => undefined);
let serial = 0;
const freshTenant = () => `tenant-${serial++}`;

const ALL = { statuses: null, model: null, metadata: [] };
const query = (changes: Partial<ShardQuery> = {}): ShardQuery => ({
  filter: ALL,
  after: null,
  count: 100,
  ...changes,
});

/** Job number `n` as it is stored, created at T + n. */
const row = (n: number, version = 1, changes: Partial<EntryRow> = {}): EntryRow => {
  const { id, createdAt, expiresAt, status, model, summary } = entryOf(n);
  return { id, createdAt, version, expiresAt, status, model, summary: JSON.stringify(summary), ...changes };
};
const place = (n: number): JobPosition => ({ createdAt: T + n, id: idOf(n) });
const rows = (count: number, changes: Partial<EntryRow> = {}, from = 0) =>
  Array.from({ length: count }, (_, n) => row(from + n, 1, changes));

/** What was written since the last look. */
async function opened() {
  const open = await openDirectory(freshTenant());
  const seen = { sql: 0, kv: 0, alarms: 0 };
  const written = () => {
    const { sql, kv, alarms } = open.rows;
    const since = [sql - seen.sql, kv - seen.kv, alarms - seen.alarms];
    Object.assign(seen, open.rows);
    return { sql: since[0], kv: since[1], alarms: since[2] };
  };
  const times = async (changes: Partial<ShardQuery> = {}) =>
    (await open.port.list(query(changes))).entries.map(({ createdAt }) => createdAt - T);
  return Object.assign(open, { written, times });
}

describe("rows written", () => {
  it("are one for a job that is new, one for a later version, none for what is known", async () => {
    const open = await opened();
    await open.port.record([row(1)]);
    // Once in an object's life: the table, its version, the first alarm.
    expect(open.written()).toEqual({ sql: 2 + 1, kv: 1, alarms: 1 });
    await open.port.record([row(2)]);
    expect(open.written()).toEqual({ sql: 1, kv: 0, alarms: 0 });
    await open.port.record([row(2, 3)]);
    expect(open.written()).toEqual({ sql: 1, kv: 0, alarms: 0 });
    await open.port.record([row(2, 3), row(2, 1), row(2, 2)]);
    expect(open.written()).toEqual({ sql: 0, kv: 0, alarms: 0 });
  });

  it("are one for a job whose end is told before its acceptance", async () => {
    const open = await opened();
    await open.port.record([row(1)]);
    open.written();
    await open.port.record([row(2, 3, { status: "succeeded" })]);
    await open.port.record([row(2, 1)]);
    expect(open.written()).toEqual({ sql: 1, kv: 0, alarms: 0 });
  });

  it("are one for a new job that takes an expired one's place: that one needs no deleting", async () => {
    const open = await opened();
    await open.port.record(rows(3));
    open.written();
    open.clock = DAY;
    await open.port.record([row(10, 1, { expiresAt: T + 2 * DAY })]);
    expect(open.written().sql).toBe(1);
    const left = await open.inside((_, { storage }) =>
      storage.sql.exec<{ created_at: number }>("SELECT created_at FROM entries").toArray(),
    );
    expect(left.map(({ created_at: at }) => at - T)).toEqual([1, 2, 10]);
  });

  it("are one for a removal, and none for the next", async () => {
    const open = await opened();
    await open.port.record([row(1)]);
    open.written();
    await open.port.remove(place(1), T + DAY);
    await open.port.remove(place(1), T + DAY);
    expect(open.written()).toEqual({ sql: 1, kv: 0, alarms: 0 });
  });

  it("are none for looking at a directory that holds nothing", async () => {
    const open = await opened();
    expect(await open.port.list(query())).toEqual({ entries: [], scannedTo: null });
    expect(open.written()).toEqual({ sql: 0, kv: 0, alarms: 0 });
    const tables = await open.inside((_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("an object of a directory", () => {
  it("lists newest first, from any place on, and outlives its memory", async () => {
    const open = await opened();
    await open.port.record(rows(5));
    await open.evict();
    expect(await open.times()).toEqual([4, 3, 2, 1, 0]);
    expect(await open.times({ after: place(3) })).toEqual([2, 1, 0]);
    expect(await open.times({ after: place(3), count: 2 })).toEqual([2, 1]);
    expect(await open.port.list(query({ count: 2 }))).toMatchObject({ scannedTo: place(3) });
    expect(await open.port.list(query({ count: 5 }))).toMatchObject({ scannedTo: null });
  });

  it("stops at its bound, and goes on from there", async () => {
    const open = await opened();
    await open.port.record(rows(6000));
    await open.port.record([row(0, 2, { status: "failed" })]);
    const filter = { ...ALL, statuses: ["failed" as const] };
    const first = await open.port.list(query({ filter }));
    expect(first).toEqual({ entries: [], scannedTo: place(1000) });
    expect(await open.times({ filter, after: first.scannedTo })).toEqual([0]);
  });

  it("shows nothing that has expired", async () => {
    const open = await opened();
    await open.port.record([row(1, 1, { expiresAt: T + 1000 }), row(2)]);
    open.clock = 999;
    expect(await open.times()).toEqual([2, 1]);
    open.clock = 1000;
    expect(await open.times()).toEqual([2]);
  });

  it("keeps a removed job out, whatever is told of it later or was told before", async () => {
    const open = await opened();
    await open.port.record([row(1)]);
    await open.port.remove(place(1), T + DAY);
    await open.port.remove(place(2), T + DAY);
    await open.evict();
    await open.port.record([row(1, 99), row(2, 99), row(3)]);
    expect(await open.times()).toEqual([3]);
  });

  it("lists the next job under a removed one's key, though it has the same id", async () => {
    const open = await opened();
    await open.port.record([row(1)]);
    await open.port.remove(place(1), T + DAY);
    await open.port.record([row(7, 1, { id: idOf(1) })]);
    expect(await open.times()).toEqual([7]);
  });

  it("records all or nothing", async () => {
    const open = await opened();
    open.alarmFails = true;
    await open.inside((instance) => expect(instance.record(rows(2))).rejects.toThrow("the disk is full"));
    expect(await open.times()).toEqual([]);
    open.alarmFails = false;
    await open.port.record(rows(2));
    expect(await open.times()).toEqual([1, 0]);
  });

  it("leaves alone what a later deploy has stored", async () => {
    const open = await opened();
    await open.port.record(rows(2));
    await open.inside((_, { storage }) => storage.kv.put("schema", 99));
    await open.evict();
    await open.inside(async (instance) => {
      await expect(instance.record(rows(1))).rejects.toThrow("schema is 99");
      await expect(instance.list(query())).rejects.toThrow("schema is 99");
    });
  });
});

describe("the alarm of a directory", () => {
  it("comes when the first entry expires, at most hourly, and deletes what has", async () => {
    const open = await opened();
    await open.port.record([row(1, 1, { expiresAt: T + 1000 }), row(2)]);
    expect(await open.armedAt()).toBe(HOUR);
    open.clock = HOUR;
    expect(await open.alarm()).toBe(true);
    expect(await open.armedAt()).toBe(DAY);
    open.clock = DAY;
    await open.alarm();
    expect(await open.armedAt()).toBeNull();
    const left = await open.inside((_, { storage }) => storage.sql.exec("SELECT id FROM entries").toArray());
    expect(left).toEqual([]);
  });

  it("goes through many in turns, past what is still to be kept", async () => {
    const open = await opened();
    await open.port.record([...rows(2500), ...rows(2000, { expiresAt: T + 1000 }, 2500)]);
    open.clock = HOUR;
    const turns: (number | null)[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await open.alarm();
      turns.push(await open.armedAt());
    }
    expect(turns).toEqual([HOUR + 1000, HOUR + 1000, DAY]);
    const [left] = await open.inside((_, { storage }) =>
      storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM entries").toArray(),
    );
    expect(left?.n).toBe(2500);
    expect((await open.times()).slice(0, 2)).toEqual([2499, 2498]);
  });

  it("that finds its memory gone begins anew", async () => {
    const open = await opened();
    await open.port.record(rows(3000));
    open.clock = DAY;
    await open.alarm();
    await open.evict();
    await open.alarm();
    expect(await open.armedAt()).toBeNull();
  });

  it("that fails comes again", async () => {
    const open = await opened();
    await open.port.record(rows(1));
    await open.inside((instance, { storage }) => {
      const own = storage.transactionSync.bind(storage);
      const replace = (value: unknown) =>
        Object.defineProperty(storage, "transactionSync", { value, configurable: true });
      replace(() => {
        replace(own);
        throw new Error("the disk is full");
      });
      return instance.alarm();
    });
    expect(open.logged).toEqual(["directory_alarm_failed"]);
    expect(await open.armedAt()).toBe(60_000);
  });
});

describe("a tenant's directory", () => {
  const list = async (tenant: string, limit = 100) => {
    const found: string[] = [];
    for (let after: JobPosition | null = null; ;) {
      const { entries, next } = await directories.list(tenant, { filter: ALL, after, limit });
      found.push(...entries.map(({ summary }) => summary));
      if (next === null) return found;
      after = next;
    }
  };
  const summaries = (entries: readonly JobEntry[]) => entries.map(({ summary }) => JSON.stringify(summary));

  it("is one list, newest first, of entries that lie in several objects", async () => {
    const tenant = freshTenant();
    const entries = Array.from({ length: 30 }, (_, n) => entryOf(n));
    await directories.record(tenant, entries);
    expect(await list(tenant)).toEqual(summaries(entries.toReversed()));
    expect(await list(tenant, 7)).toEqual(summaries(entries.toReversed()));
    expect(await list(freshTenant())).toEqual([]);
  });

  it("keeps those of one millisecond in one order, page by page", async () => {
    const tenant = freshTenant();
    const created_at = new Date(T).toISOString();
    const entries = Array.from({ length: 12 }, (_, n) => entryOf(n, 1, { created_at }));
    await directories.record(tenant, entries);
    const byId = entries.toSorted((one, other) => (one.id < other.id ? 1 : -1));
    expect(await list(tenant, 1)).toEqual(summaries(byId));
    expect(await list(tenant)).toEqual(summaries(byId));
  });

  it("says that there is more exactly where there is", async () => {
    const tenant = freshTenant();
    await directories.record(
      tenant,
      Array.from({ length: 10 }, (_, n) => entryOf(n)),
    );
    const nextOf = async (limit: number) =>
      (await directories.list(tenant, { filter: ALL, after: null, limit })).next;
    expect([await nextOf(9), await nextOf(10), await nextOf(11)]).toEqual([place(1), null, null]);
  });

  it("is the last version of each job, however updates are repeated, reordered and bundled", async () => {
    const STATUSES = ["queued", "queued", "in_progress", "failed", "succeeded"] as const;
    const update = fc.record({ n: fc.nat(7), version: fc.integer({ min: 1, max: 4 }) });
    const removal = fc.record({ n: fc.nat(7), version: fc.constant(null) });
    const told = fc.array(fc.array(fc.oneof({ weight: 6, arbitrary: update }, removal), { maxLength: 5 }), {
      maxLength: 12,
    });
    const entry = (n: number, version: number) =>
      entryOf(n, version, { status: STATUSES[version] ?? "expired", cost_usd: version });
    await fc.assert(
      fc.asyncProperty(told, fc.integer({ min: 1, max: 9 }), async (bundles, limit) => {
        const tenant = freshTenant();
        for (const bundle of bundles) {
          const updates = bundle.flatMap(({ n, version }) => (version === null ? [] : [entry(n, version)]));
          const removed = bundle.filter(({ version }) => version === null);
          await Promise.all([
            directories.record(tenant, updates),
            ...removed.map(({ n }) => directories.remove(tenant, place(n), T + DAY)),
          ]);
        }
        const all = bundles.flat();
        const expected = [7, 6, 5, 4, 3, 2, 1, 0].flatMap((n) => {
          const versions = all.filter((one) => one.n === n).map(({ version }) => version);
          if (versions.length === 0 || versions.includes(null)) return [];
          return [entry(n, Math.max(...versions.map(Number)))];
        });
        expect(await list(tenant, limit)).toEqual(summaries(expected));
      }),
      { numRuns: 40 },
    );
  });
});
