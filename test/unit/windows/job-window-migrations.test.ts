import { describe, expect, it } from "vitest";
import { JobWindow } from "../../../durable-objects/job-window/job-window-state.ts";
import { JobWindowStore } from "../../../durable-objects/job-window/job-window-store.ts";
import { secondWindowRows, windowRows } from "./first-rows.ts";
import { entry, START } from "./window-world.ts";

const JOBS = Array.from("abcde", (id) => ({ id, job: id }));
const policy = { maxItems: 4, maxTokens: 100, padded: false, maxDelayMs: 60_000 };

/** A window over the rows, and what it stores after each event. */
function open(rows = new Map<string, unknown>(windowRows(START, JOBS)), now = START + 1000) {
  const store = new JobWindowStore({
    kv: { list: () => [...rows], put: (key, value) => void rows.set(key, structuredClone(value)) },
  });
  const { spec, head, entries } = store.load();
  const window = new JobWindow(policy, { head, entries }, now);
  const change = <R>(work: (each: JobWindow) => R): R => {
    const result = work(window);
    const drained = window.drain();
    if (spec) store.addArrivals(spec, drained.added, (seq) => window.isLive(seq));
    if (drained.head) store.saveHead(drained.head);
    return result;
  };
  return { rows, head, spec, window, change, reopened: () => open(rows, now) };
}

describe("a window's rows of the first version", () => {
  it("hold what they held: the jobs, and the group that runs", () => {
    const { window, head, spec } = open();
    expect(spec).toMatchObject({ route: "embed", target: "targets[0]=a/b" });
    expect(head?.groups).toMatchObject([{ id: "mywpiww0-0", seqs: [0, 1, 2, 3], runs: 1 }]);
    for (const { id } of JOBS) expect([id, window.holds(id)]).toEqual([id, true]);
    expect(window.dueAt()).toBe(START + 30_020);
  });

  it("accept the end of the run, and then let the waiting jobs be claimed", () => {
    const { window, change, reopened } = open();
    const run = { group: "mywpiww0-0", run: 1 };
    expect(change(() => window.extend(run, 60_000, START + 2000))).toBe(true);
    const again = [{ ids: ["a"], notBefore: START + 3000, untold: false, postponed: false }];
    expect(change(() => window.settle(run, again, START + 3000))).toBe(true);
    const later = reopened();
    expect(JOBS.filter(({ id }) => later.window.holds(id)).map(({ id }) => id)).toEqual(["a", "e"]);
    const claimed = later.change(() => later.window.claim(30_000, START + 3000));
    expect(claimed).toMatchObject({ run: 2, tries: 2, entries: [{ id: "a" }] });
  });

  it("are run again where the run is lost", () => {
    const { window } = open(undefined, START + 40_000);
    window.advance(START + 40_000);
    const claimed = window.claim(30_000, START + 40_000);
    expect(claimed).toMatchObject({ id: "mywpiww0-0", run: 2, lostRun: { startedAt: START + 20 } });
    expect(claimed?.entries.map(({ id }) => id).join("")).toBe("abcd");
  });

  it("are written over by the next arrivals once their jobs are done with, and never before", () => {
    const { rows, window, change, reopened } = open();
    change(() => window.add([entry("f")], START + 1000));
    expect([...rows.keys()].toSorted()).toEqual(["arrivals:2", "group:0", "group:1", "head"]);
    change(() => window.settle({ group: "mywpiww0-0", run: 1 }, [], START + 2000));
    change(() => window.add([entry("g")], START + 3000));
    expect([...rows.keys()].toSorted()).toEqual(["arrivals:2", "group:0", "group:1", "head"]);
    expect(rows.get("group:0")).toMatchObject({ version: 3, entries: [{ id: "g" }] });
    expect(rows.get("head")).toMatchObject({ version: 3, groups: [] });
    const later = reopened();
    expect(Array.from("abcdefg").filter((id) => later.window.holds(id))).toEqual(["e", "f", "g"]);
  });
});

describe("a window's rows of the second version", () => {
  it("hold what they held, and have postponed no run", () => {
    const { change, head } = open(new Map<string, unknown>(secondWindowRows(START, JOBS)));
    expect(head?.groups).toMatchObject([{ seqs: [0, 1, 2, 3], runs: 1, postponed: 0 }]);
    const again = [{ ids: ["a"], notBefore: START + 3000, untold: false, postponed: true }];
    expect(change((each) => each.settle({ group: "mywpiww0-0", run: 1 }, again, START + 2000))).toBe(true);
    const claimed = change((each) => each.claim(30_000, START + 3000));
    expect(claimed).toMatchObject({ run: 2, tries: 1, entries: [{ id: "a" }] });
  });
});
