import { describe, expect, it } from "vitest";
import {
  buildRemoval,
  NEW_SWEEP,
  planAlarm,
  planWrite,
  SCAN_ROWS,
  SWEEP_ROWS,
  sweepRows,
  takePage,
} from "../../../durable-objects/job-directory/job-directory-state.ts";
import type { EntryRow, ShardQuery } from "../../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobFilter } from "../../../worker/domain/jobs/job-list-query.ts";

const HOUR = 3_600_000;
const NOW = 10 * HOUR;

const row = (createdAt: number, changes: Partial<EntryRow> = {}, metadata: object = {}): EntryRow => ({
  createdAt,
  id: `job_${createdAt}`,
  version: 1,
  expiresAt: NOW + HOUR,
  status: "queued",
  model: "embed",
  summary: JSON.stringify({ id: `job_${createdAt}`, metadata, error: { message: '"user":"7"' } }),
  ...changes,
});
const rows = (count: number, from = count) => Array.from({ length: count }, (_, n) => row(from - n));
const query = (filter: Partial<JobFilter> = {}, count = 10): ShardQuery => ({
  filter: { statuses: null, model: null, metadata: [], ...filter },
  after: null,
  count,
});
const found = (page: ReturnType<typeof takePage>) => page.entries.map(({ createdAt }) => createdAt);

describe("what is written", () => {
  const old = { createdAt: 1, id: "job_1" };

  it("is a row of a job's own, until a later version takes its place", () => {
    expect(planWrite(row(5), undefined, undefined, NOW)).toEqual({ kind: "insert" });
    expect(planWrite(row(5, { version: 3 }), 2, undefined, NOW)).toMatchObject({
      kind: "replace",
      at: { id: "job_5" },
    });
  });

  it("is nothing where the version is the same or an earlier one", () => {
    for (const version of [2, 3])
      expect(planWrite(row(5, { version: 2 }), version, undefined, NOW)).toEqual({ kind: "none" });
  });

  it("goes over the oldest row where that has expired, and over no other", () => {
    expect(planWrite(row(5), undefined, { ...old, expiresAt: NOW }, NOW)).toMatchObject({
      kind: "replace",
      at: old,
    });
    expect(planWrite(row(5), undefined, { ...old, expiresAt: NOW + 1 }, NOW)).toEqual({ kind: "insert" });
  });

  it("of a removal is the last version, and lasts until no update can come any more", () => {
    const removal = buildRemoval({ createdAt: 5, id: "job_5" }, NOW + HOUR, NOW);
    expect(removal).toMatchObject({ createdAt: 5, id: "job_5", summary: null, expiresAt: NOW + HOUR });
    expect(planWrite(row(5, { version: 10_000 }), removal.version, undefined, NOW)).toEqual({ kind: "none" });
    expect(buildRemoval({ createdAt: 5, id: "job_5" }, NOW - HOUR, NOW).expiresAt).toBeGreaterThan(
      NOW + 60_000,
    );
  });
});

describe("a page", () => {
  it("shows neither what has expired nor what was removed", () => {
    const all = [row(4), row(3, { expiresAt: NOW }), row(2, { summary: null }), row(1)];
    expect(found(takePage(all, query(), NOW))).toEqual([4, 1]);
  });

  it("holds what every part of the filter takes", () => {
    const all = [
      row(6, { status: "failed" }, { user: "7", team: "a" }),
      row(5, { status: "failed", model: "chat" }, { user: "7" }),
      row(4, { status: "expired" }, { user: "7", team: 'a"}' }),
      row(3, {}, { user: "70" }),
      row(2, {}, { "user:": "7" }),
      row(1),
    ];
    const ask = (filter: Partial<JobFilter>) => found(takePage(all, query(filter), NOW));
    expect(ask({})).toHaveLength(6);
    expect(ask({ statuses: ["failed", "expired"] })).toEqual([6, 5, 4]);
    expect(ask({ model: "embed", statuses: ["failed"] })).toEqual([6]);
    expect(ask({ metadata: [["user", "7"]] })).toEqual([6, 5, 4]);
    expect(ask({ metadata: [["user", "7"], ["team", 'a"}']] })).toEqual([4]); // prettier-ignore
    expect(ask({ metadata: [["toString", ""]] })).toEqual([]);
    // A field of the summary is no label.
    expect(ask({ metadata: [["id", "job_6"]] })).toEqual([]);
  });

  it("says where it stopped, except at the end", () => {
    expect(takePage(rows(10), query(), NOW).scannedTo).toBeNull();
    const { entries, scannedTo } = takePage(rows(11), query(), NOW);
    expect([entries.length, scannedTo]).toEqual([10, { createdAt: 2, id: "job_2" }]);
  });

  it("is given short rather than looking at more rows than the bound", () => {
    let looked = 0;
    function* many() {
      for (const each of rows(3 * SCAN_ROWS)) {
        looked++;
        yield each;
      }
    }
    const page = takePage(many(), query({ statuses: ["failed"] }), NOW);
    expect([page.entries.length, page.scannedTo?.createdAt]).toEqual([0, 2 * SCAN_ROWS + 1]);
    expect(looked).toBe(SCAN_ROWS + 1);
    expect(takePage(rows(SCAN_ROWS), query({ statuses: ["failed"] }), NOW).scannedTo).toBeNull();
  });
});

describe("a sweep", () => {
  it("finds what has expired, and comes again when the next does, at most hourly", () => {
    const soon = [row(1, { expiresAt: NOW }), row(2, { expiresAt: NOW + 5 }), row(3, { expiresAt: NOW - 5 })];
    const { expired, alarmAt, sweep } = sweepRows(soon, NEW_SWEEP, NOW);
    expect(expired.map(({ id }) => id)).toEqual(["job_1", "job_3"]);
    expect([alarmAt, sweep]).toEqual([NOW + HOUR, NEW_SWEEP]);
    expect(sweepRows([row(1, { expiresAt: NOW + 9 * HOUR })], NEW_SWEEP, NOW).alarmAt).toBe(NOW + 9 * HOUR);
  });

  it("comes no more where nothing is left", () => {
    expect(sweepRows([row(1, { expiresAt: NOW })], NEW_SWEEP, NOW).alarmAt).toBeNull();
    expect(sweepRows([], NEW_SWEEP, NOW).alarmAt).toBeNull();
  });

  it("goes on soon where there is more, and remembers the soonest of all turns", () => {
    const first = [
      row(0, { expiresAt: NOW + 2 * HOUR }),
      ...rows(SWEEP_ROWS).map((each) => ({ ...each, expiresAt: NOW + 5 * HOUR })),
    ];
    const turn = sweepRows(first, NEW_SWEEP, NOW);
    expect(turn.alarmAt).toBeLessThanOrEqual(NOW + 1000);
    expect(turn.sweep.scannedTo).toEqual({ createdAt: 2, id: "job_2" });
    expect(sweepRows([row(9, { expiresAt: NOW + 9 * HOUR })], turn.sweep, NOW)).toEqual({
      expired: [],
      sweep: NEW_SWEEP,
      alarmAt: NOW + 2 * HOUR,
    });
  });
});

describe("the alarm", () => {
  it("is set for when the first row expires, at most hourly", () => {
    expect(planAlarm([row(1), row(2, { expiresAt: NOW + 3 * HOUR })], null, NOW)).toBe(NOW + HOUR);
    expect(planAlarm([row(1, { expiresAt: NOW + 3 * HOUR })], null, NOW)).toBe(NOW + 3 * HOUR);
  });

  it("is left alone where it comes in time, and where nothing was recorded", () => {
    expect(planAlarm([row(1)], NOW + HOUR, NOW)).toBeNull();
    expect(planAlarm([row(1)], NOW - 1000, NOW)).toBeNull();
    expect(planAlarm([], null, NOW)).toBeNull();
  });

  it("is set anew where it would come too late, or is so overdue that it never will", () => {
    expect(planAlarm([row(1)], NOW + 2 * HOUR, NOW)).toBe(NOW + HOUR);
    expect(planAlarm([row(1)], NOW - HOUR, NOW)).toBe(NOW + HOUR);
  });
});
