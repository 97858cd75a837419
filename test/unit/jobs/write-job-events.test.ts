import { describe, expect, it } from "vitest";
import type { FeedStep, JobFeed } from "../../../worker/domain/jobs/job-events.ts";
import { writeJobEvents } from "../../../worker/http/jobs/write-job-events.ts";

const event = (id: string) => `{"id":"${id}","type":"job.queued","job":"job_1"}`;
const framed = (id: string) => `id: ${id}\nevent: job.queued\ndata: ${event(id)}\n\n`;
const QUIET: FeedStep = { kind: "quiet" };
const END: FeedStep = { kind: "end", whole: true };

/** A feed that gives what it is told to; each step takes the clock as far as it was asked to wait. */
function feedOf(steps: readonly FeedStep[]) {
  const left = [...steps];
  const clock = { now: 0 };
  const waits: number[] = [];
  const feed: JobFeed = {
    next: (waitMs) => {
      const step = left.shift() ?? END;
      waits.push(waitMs);
      if (step.kind === "quiet") clock.now += waitMs;
      return Promise.resolve(step);
    },
    close: () => {},
  };
  return { feed, waits, now: () => clock.now };
}

const write = async (steps: readonly FeedStep[], until = 600_000) => {
  const { feed, waits, now } = feedOf(steps);
  return { parts: await Array.fromAsync(writeJobEvents(feed, { now, until })), waits };
};

describe("a job's event stream", () => {
  it("first has the time to reconnect after, and then the events, together where they came together", async () => {
    const { parts } = await write([
      { kind: "events", texts: [event("1-0"), event("2-0")] },
      { kind: "events", texts: [event("3-0")] },
    ]);
    expect(parts).toEqual(["retry: 1000\n\n", framed("1-0") + framed("2-0"), framed("3-0")]);
  });

  it("has a heartbeat after each quarter of a minute in which nothing came", async () => {
    const { parts, waits } = await write([
      { kind: "quiet" },
      { kind: "quiet" },
      { kind: "events", texts: [event("1-0")] },
    ]);
    expect(waits).toEqual([15_000, 15_000, 15_000, 15_000]);
    expect(parts.slice(1)).toEqual([": heartbeat\n\n", ": heartbeat\n\n", framed("1-0")]);
  });

  it("ends when its time is up, however much is still to come", async () => {
    const { parts, waits } = await write(
      Array.from({ length: 100 }, () => QUIET),
      40_000,
    );
    expect(waits).toEqual([15_000, 15_000, 10_000]);
    expect(parts).toHaveLength(4);
  });
});
