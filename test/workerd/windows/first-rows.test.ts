import { describe, expect, it } from "vitest";
import { retryingRow, waitingRow } from "../../unit/jobs/first-rows.ts";
import { answer, failedRun, TENANT } from "../../unit/jobs/job-events.ts";
import { windowRows } from "../../unit/windows/first-rows.ts";
import { openJob, type OpenJob, T } from "../jobs/open-job.ts";
import { openJobWindow } from "./open-job-window.ts";

const WINDOW = "ab".repeat(32);
const SEAT = { window: WINDOW, createdAt: T };
const window = { id: "abababab-2", size: 3 };

/** A job's object that finds a row of the first version in its storage. */
async function openWith(row: object): Promise<OpenJob> {
  const open = await openJob();
  await open.inside((_, { storage }) => storage.kv.put("job", row));
  await open.evict();
  open.rows.length = 0;
  return open;
}

describe("an object that was stored by the first version", () => {
  it("of a job in a window is found, and takes its window's answer", async () => {
    const open = await openWith(waitingRow(T, WINDOW));
    expect(await open.job.read(TENANT, false)).toMatchObject({
      document: { status: "queued", progress: { phase: "gathering" }, window: null },
    });
    expect(await open.job.complete(1, answer({ window }), SEAT)).toMatchObject({ kind: "recorded" });
    await open.evict();
    const view = await open.job.read(TENANT, true);
    expect(view).toMatchObject({ document: { status: "succeeded", window } });
    if (view.kind === "found") expect(view.output?.bytes).toEqual(answer().output);
  });

  it("of a job that its window has run is run again, there or by itself", async () => {
    const open = await openWith(retryingRow(T, WINDOW));
    open.clock = 3000;
    const retried = await open.job.failAttempt(2, failedRun(), SEAT);
    expect(retried).toEqual({ kind: "retry", retryAt: T + 4000 });
    await open.evict();
    open.clock = 4000;
    expect(await open.job.release()).toEqual({ kind: "released" });
    expect(await open.job.claim(30_000)).toMatchObject({
      kind: "claimed",
      lease: { epoch: 3 },
      facts: { keyId: "", release: "", model: "embed" },
    });
    expect(await open.job.complete(3, answer(), { createdAt: T })).toMatchObject({ kind: "recorded" });
    expect(open.listed).toMatchObject([{ status: "succeeded" }]);
  });

  it("of a window goes on with its run, and with the jobs that wait", async () => {
    const policy = { maxItems: 4, maxTokens: 1000, padded: false, maxDelayMs: 0 };
    const opened = await openJobWindow(undefined, { policy });
    const jobs = Array.from("abcde", (id) => ({ id, job: id }));
    await opened.inside((_, { storage }) => {
      for (const [key, row] of windowRows(Date.now(), jobs)) storage.kv.put(key, row);
    });
    await opened.evict();
    const claim = await opened.window.claim(30_000);
    expect(claim).toMatchObject({ kind: "claimed", group: { run: 1, entries: [{ id: "e" }] } });
    const again = [{ ids: ["b"], notBefore: Date.now(), untold: false, postponed: false }];
    expect(await opened.window.settle("mywpiww0-0", 1, again)).toEqual({ kind: "settled" });
    await opened.evict();
    const next = await opened.window.claim(30_000);
    expect(next).toMatchObject({ kind: "claimed", group: { run: 2, entries: [{ id: "b" }] } });
    if (claim.kind !== "claimed" || next.kind !== "claimed") throw new Error("nothing was claimed");
    for (const { group } of [claim, next]) {
      expect(await opened.window.settle(group.id, group.run, [])).toEqual({ kind: "settled" });
    }
    await opened.alarm();
    expect(await opened.keys()).toEqual([]);
  });
});
