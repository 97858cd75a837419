import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { renderBoard, startBoard, type Stage } from "../../../scripts/demo/job-board.ts";
import { isReplay, summariseJobs } from "../../../scripts/demo/job-report.ts";
import type { JobOutcome } from "../../../scripts/demo/jobs.ts";

const FAILED = { status: 503, error: "upstream_error" };
const ANSWERED = { status: 200, error: null };

/** An outcome whose job made these attempts. */
function outcomeOf(id: string, attempts: readonly object[], more: Partial<JobOutcome> = {}): JobOutcome {
  const status = attempts.at(-1) === ANSWERED ? "succeeded" : "failed";
  const usage = status === "succeeded" ? { prompt_tokens: 1000, completion_tokens: 100 } : null;
  const job = { id, status, attempts, usage } as unknown as JobOutcome["job"];
  return { job, replayed: false, waitedMs: 10, digest: `answer of ${id}`, ...more };
}

describe("summariseJobs", () => {
  const first = [
    outcomeOf("a", [ANSWERED], { waitedMs: 1 }),
    outcomeOf("b", [FAILED, ANSWERED], { waitedMs: 2 }),
    outcomeOf("c", [FAILED, { status: null, error: "upstream_error" }, ANSWERED], { waitedMs: 3 }),
    outcomeOf("d", [FAILED, FAILED, FAILED, FAILED, FAILED], { waitedMs: 4, digest: undefined }),
  ];

  it("counts each new job once, by the attempt that ended it, and each failure by its kind", () => {
    const report = summariseJobs(first, 11);
    expect(report).toMatchObject({ jobs: 4, fresh: 4, doneAt: [1, 1, 1], failed: 1, replayed: 0, calls: 11 });
    expect([...report.failures]).toEqual([
      ["with 503", 7],
      ["broken off", 1],
    ]);
    expect([report.medianMs, report.p95Ms]).toEqual([2, 4]);
    expect(report.usd).toBeGreaterThan(0);
  });

  it("knows a submission that came to nothing new", () => {
    const again = first.map((outcome) => ({ ...outcome, replayed: true }));
    const report = summariseJobs(again, 0, first);
    expect(report).toMatchObject({ fresh: 0, doneAt: [0, 0, 0], failed: 0, replayed: 4, sameId: 4, usd: 0 });
    expect(isReplay(report)).toBe(true);
  });

  it.each([
    ["another call", first.map((outcome) => ({ ...outcome, replayed: true })), 1],
    ["another answer", first.map((outcome) => ({ ...outcome, replayed: true, digest: "other" })), 0],
    ["another job", first.map(({ job: { id } }) => outcomeOf(`${id}2`, [ANSWERED], { replayed: true })), 0],
    ["a new job", first, 0],
  ])("does not take for that what made %s", (_, again, calls) => {
    expect(isReplay(summariseJobs(again, calls, first))).toBe(false);
  });
});

describe("the board of jobs", () => {
  const render = (counts: Partial<Record<Stage, number>>, columns = 80) =>
    stripVTControlCharacters(
      renderBoard(
        "first time",
        { done: 0, running: 0, retrying: 0, queued: 0, ...counts },
        { total: 300, columns },
      ),
    );

  it("shows jobs by stage, in a line that fits", () => {
    const line = render({ done: 120, running: 60, retrying: 30, queued: 90 });
    expect(line).toBe("first time ━━━━━━╍╍╍╍┄──────  queued  90  running  60  retrying  30  done 120");
    expect(line).toHaveLength(80 - 3);
    expect(render({}, 120)).toContain("─".repeat(40));
  });

  it("is full of done jobs at the end, and never before", () => {
    expect(render({ done: 300 })).toMatch(/^first time ━+ {2}queued {3}0/);
    expect(render({ done: 299, running: 1 })).toContain("━╍");
  });

  const play = async (output: PassThrough) => {
    const board = startBoard("jobs", 4, output);
    for (const key of ["a", "b", "c", "d"]) board.move(key, "queued");
    board.move("a", "running");
    board.move("b", "retrying");
    for (const key of ["a", "b", "c", "d"]) board.move(key, "done");
    board.end();
    output.end();
    return text(output);
  };

  it("is a line a quarter where there is no terminal", async () => {
    expect(await play(new PassThrough())).toBe(
      [
        "  jobs: 1 of 4 done, 2 queued, 0 running, 1 retrying",
        "  jobs: 2 of 4 done, 2 queued, 0 running, 0 retrying",
        "  jobs: 3 of 4 done, 1 queued, 0 running, 0 retrying",
        "  jobs: 4 of 4 done, 0 queued, 0 running, 0 retrying",
        "",
      ].join("\n"),
    );
  });

  it("ends with what came last, and is left, on a terminal", async () => {
    const written = await play(Object.assign(new PassThrough(), { isTTY: true, columns: 100 }));
    expect(written.startsWith("\r\u001b[2K  jobs ")).toBe(true);
    expect(stripVTControlCharacters(written)).toMatch(/queued 0 {2}running 0 {2}retrying 0 {2}done 4\n$/);
  });
});
