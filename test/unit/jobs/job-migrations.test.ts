import { describe, expect, it } from "vitest";
import { describeJob } from "../../../durable-objects/job/job-document.ts";
import { transition } from "../../../durable-objects/job/job-state.ts";
import { JobStore } from "../../../durable-objects/job/job-store.ts";
import { retryingRow, secondRow, succeededRow, waitingRow } from "./first-rows.ts";
import { answer, failedRun, submission } from "./job-events.ts";

const T = 1_800_000_000_000;
const WINDOW = "ab".repeat(32);
const SEAT = { window: WINDOW, createdAt: T };

/** A store over what is in the job's row. */
function open(row: object) {
  const rows = new Map<string, unknown>([["job", row]]);
  const store = new JobStore({
    kv: {
      get: (key) => structuredClone(rows.get(key)),
      put: (key, value) => void rows.set(key, structuredClone(value)),
      delete: (key) => rows.delete(key),
    },
  });
  return { rows, store, reopened: () => open(rows.get("job") as object).store };
}

function document(store: JobStore) {
  const state = store.load();
  if (state.status === "absent") throw new Error("there is no job");
  return describeJob(`job_${"A".repeat(43)}`, state);
}

describe("a job's row of the second version", () => {
  it("has postponed no run and left out no attempt, and its next failure counts as ever", () => {
    const { store, reopened } = open(secondRow(T, WINDOW));
    expect(store.load()).toMatchObject({ job: { epoch: 2, postponed: 0, attemptsLeftOut: 0 } });
    expect(document(store)).toMatchObject({
      attempts: [{ n: 1, status: 503 }],
      next_attempt_at: new Date(T + 2000).toISOString(),
    });
    const run = failedRun({ postponed: true });
    const postponed = transition(store.load(), { type: "failAttempt", epoch: 3, run, seat: SEAT }, T + 3000);
    store.save(postponed.state, {});
    expect(reopened().load()).toMatchObject({ status: "queued", job: { epoch: 3, postponed: 1 } });
    const last = { type: "failAttempt", epoch: 4, run: failedRun(), seat: SEAT } as const;
    expect(transition(reopened().load(), last, T + 5000).state).toMatchObject({
      status: "failed",
      error: { code: "attempts_exhausted" },
    });
  });
});

describe("a job's row of the first version", () => {
  it("waits in its window, and is run by it", () => {
    const { store, reopened } = open(waitingRow(T, WINDOW));
    expect(store.load()).toMatchObject({ status: "queued", seat: { window: WINDOW } });
    expect(document(store)).toMatchObject({ status: "queued", progress: { phase: "gathering" } });
    const again = transition(store.load(), { type: "submit", submission: submission() }, T + 1);
    expect(again.reply).toEqual({ kind: "existing", seat: SEAT });
    const window = { id: "abababab-1", size: 3 };
    const complete = { type: "complete", epoch: 1, answer: answer({ window }), seat: SEAT } as const;
    const { state, reply } = transition(store.load(), complete, T + 2);
    expect(reply).toEqual({ kind: "recorded", status: "succeeded" });
    store.save(state, { output: answer().output });
    expect(document(reopened())).toMatchObject({ status: "succeeded", window });
    expect(reopened().readBody("request")).toEqual(submission().request);
  });

  it("that its window has run is run by it again, or released from it", () => {
    const { store } = open(retryingRow(T, WINDOW));
    expect(document(store)).toMatchObject({
      progress: { phase: "retrying" },
      window: { id: "abababab-1", size: 3 },
      attempts: [{ n: 1, status: 503 }],
    });
    const fail = { type: "failAttempt", run: failedRun(), seat: SEAT } as const;
    const counted = transition(store.load(), { ...fail, epoch: 1 }, T + 3000);
    expect(counted.reply).toEqual({ kind: "retry", retryAt: T + 2000 });
    const next = transition(store.load(), { ...fail, epoch: 2 }, T + 3000);
    expect(next.reply).toEqual({ kind: "retry", retryAt: T + 4000 });
    expect(transition(store.load(), { type: "release" }, T + 3000).reply).toEqual({ kind: "released" });
  });

  it("keeps its outcome and its answer", () => {
    const { store } = open(succeededRow(T));
    expect(document(store)).toMatchObject({
      status: "succeeded",
      window: { id: "abababab-1", size: 3 },
      cost_usd: 0.25,
      saved_usd: null,
    });
    expect(store.readBody("output")).toEqual(answer().output);
  });

  it("names no key, no config and no headers, and is otherwise read as it was written", () => {
    const row = succeededRow(T);
    const { facts } = row.state.job;
    const state = open(row).store.load();
    expect(state).toMatchObject({ job: { facts: { ...facts, keyId: "", release: "", clientHeaders: {} } } });
    expect(JSON.stringify(state)).not.toContain("batch");
  });

  it("is of the newest version once the job has changed", () => {
    const { rows, store } = open(waitingRow(T, WINDOW));
    store.save(store.load(), {});
    expect(rows.get("job")).toMatchObject({ version: 3, state: { seat: { window: WINDOW } } });
    expect(JSON.stringify(rows.get("job"))).not.toContain("batch");
  });
});
