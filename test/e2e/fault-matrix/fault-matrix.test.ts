import { beforeAll, describe, expect, it } from "vitest";
import { holdSection } from "../../helpers/document-section.ts";
import { useDeployment } from "../deployment.ts";
import type { Way } from "../../fixtures/deployment/fault-routes.ts";
import type { Got } from "./ask-ways.ts";
import type { MatrixGets } from "./matrix-rows.ts";
import { writeTables } from "./matrix-page.ts";
import { type Cell, CELLS, isJob, runCells, type Seen, type SeenCell } from "./run-cells.ts";

const app = useDeployment();
let cells: readonly SeenCell[] = [];

// All at once, for they wait for their providers most of the time.
beforeAll(async () => {
  cells = await runCells(app);
});

/** What the client got; an error where that was nothing at all, or one that says nothing. */
function readGot({ got }: Seen): Got {
  if (got instanceof Error) throw got;
  const { status, code, answer } = got;
  expect([status, code]).not.toContain(500);
  expect(code).not.toBe("internal_error");
  expect(code !== undefined).toBe(answer !== "whole");
  return got;
}

/** Each call is told of once: to the client, and as a fact. */
function expectAllTold({ got, calls, failed, answers }: Seen, { way, meeting: { gets } }: Cell): void {
  const made = calls.first + calls.second;
  expect((got as Got).attempts).toBe(isSplit(way, gets) ? 1 : made);
  expect(failed.length + Math.min(1, answers.length)).toBe(made);
}

/** Of two whose shared call is refused, each is asked for alone in the end: only one may be at fault. */
const isSplit = (way: Way, gets: MatrixGets) =>
  (way === "window" || way === "windowed-job") && typeof gets === "object" && "status" in gets;
const SPLIT_CALLS = 3;

describe.each(CELLS)("$way, the first target's fault: $row.what", (cell) => {
  const { way, meeting, route } = cell;
  const find = () => cells.find((each) => each.route === route) as SeenCell;

  it("is answered as it should be, by no call too many", () => {
    const { seen } = find();
    const got = readGot(seen);
    const { gets } = meeting;
    const isNext = gets === "the next" || (typeof gets === "object" && "breaks" in gets && way === "job");
    const calls = isSplit(way, gets) ? SPLIT_CALLS : isJob(way) ? 1 : meeting.calls;
    expect(seen.calls).toEqual({ first: calls, second: isNext ? 1 : 0 });
    if (typeof gets === "object" && "status" in gets) expect(got.status).toBe(gets.status);
    else if (typeof gets === "object" && !isNext)
      expect(got).toMatchObject({ answer: "part", code: gets.breaks });
    else
      expect(got).toMatchObject({
        status: 200,
        answer: "whole",
        target: expect.stringMatching(isNext ? /^targets\[1\]/ : /^targets\[0\]/) as string,
      });
    expectAllTold(seen, cell);
  });

  if (isJob(way)) return;
  it("is told where there is no other target", () => {
    const { alone } = find();
    if (!alone) throw new Error("it was not asked for without another");
    const got = readGot(alone);
    expect(alone.calls.second).toBe(0);
    if (got.status === 429 || got.status === 503) expect(got.retryAfter).toMatch(/^\d+$/);
    expectAllTold(alone, cell);
  });
});

it("is what docs/reliability.md says; npm run compatibility writes it anew", () => {
  holdSection("docs/reliability.md", "fault matrix", writeTables(cells));
});
