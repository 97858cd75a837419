import { describe, expect, it } from "vitest";
import { comparePositions } from "../../../worker/domain/jobs/job-entry.ts";
import { describeEntry, entryOf, idOf, T } from "./job-entries.ts";

describe("the entry of a job", () => {
  it("lists its document without what is long and what changes while it runs", () => {
    const changes = { status: "succeeded" as const, cost_usd: 0.5, metadata: { user: "42" } };
    const entry = entryOf(3, 7, changes);
    const {
      attempts: _,
      progress: _p,
      next_attempt_at: _n,
      output: _o,
      window: _w,
      urls: _u,
      ...rest
    } = describeEntry(3, changes);
    expect(entry).toEqual({
      id: idOf(3),
      version: 7,
      status: "succeeded",
      model: "embed",
      createdAt: T + 3,
      expiresAt: T + 86_400_000,
      metadata: { user: "42" },
      summary: rest,
    });
  });

  it("stands before older ones, and beside those of its millisecond by its id", () => {
    const places = [
      { createdAt: 2, id: "a" },
      { createdAt: 1, id: "c" },
      { createdAt: 1, id: "b" },
    ];
    expect(places.toReversed().toSorted(comparePositions)).toEqual(places);
    expect(comparePositions({ createdAt: 2, id: "a" }, { createdAt: 2, id: "a" })).toBe(0);
  });
});
