import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  frameJobEvent,
  type JobHistory,
  parseEventId,
  readChunks,
  readJobEvent,
  START,
  writeEventId,
  writeEventsAfter,
} from "../../../worker/domain/jobs/job-events.ts";
import { createEventCutter, writeEvent } from "../../../worker/domain/answers/server-sent-events.ts";

const JOB = `job_${"A".repeat(43)}`;
const AT = Date.UTC(2026, 10, 22);
const timeline = [
  { seq: 1, at: AT, type: "job.queued" },
  { seq: 2, at: AT, type: "job.started", epoch: 1 },
  { seq: 3, at: AT, type: "job.retrying", retryAt: AT + 1000, error: "upstream_error" },
  { seq: 4, at: AT, type: "job.started", epoch: 2 },
  { seq: 5, at: AT, type: "job.succeeded" },
];
const history = (chunks: readonly string[] = ['{"n":1}', '{"n":2}']): JobHistory => ({
  job: JOB,
  timeline,
  chunks: () => chunks,
});
const ids = (after: string, of = history()) =>
  [...writeEventsAfter(of, parseEventId(after) ?? START)].map(({ id }) => writeEventId(id));
const encode = (text: string) => new TextEncoder().encode(text);

describe("an event's id", () => {
  it("reads back as what was written", () => {
    const part = fc.nat(999_999_999);
    fc.assert(
      fc.property(part, part, (seq, n) => {
        expect(parseEventId(writeEventId({ seq, part: n }))).toEqual({ seq, part: n });
      }),
    );
  });

  it.each(["", "2", "2-", "-0", "02-0", "2-00", "2-0 ", " 2-0", "2-0-1", "1e3-0", "2--1", "9999999999-0"])(
    "is not %j",
    (text) => expect(parseEventId(text)).toBeUndefined(),
  );
});

describe("a job's events", () => {
  it("are its timeline, and the newest run's chunks behind its start", () => {
    expect(ids("0-0")).toEqual(["1-0", "2-0", "3-0", "4-0", "4-1", "4-2", "5-0"]);
  });

  it("go on after any of them: exactly the rest", () => {
    const all = ["0-0", ...ids("0-0")];
    for (const [index, id] of all.entries()) expect(ids(id)).toEqual(all.slice(index + 1));
  });

  it("go on after a chunk of a run that failed with what followed it", () => {
    expect(ids("2-7")).toEqual(["3-0", "4-0", "4-1", "4-2", "5-0"]);
  });

  it("are none after one that is yet to come", () => {
    expect(ids("4-9")).toEqual(["5-0"]);
    expect(ids("9-0")).toEqual([]);
  });

  it("don't look for chunks where none are wanted", () => {
    const chunks = () => {
      throw new Error("not wanted");
    };
    expect([...writeEventsAfter({ job: JOB, timeline, chunks }, { seq: 5, part: 0 })]).toEqual([]);
  });

  it("say what happened, and when", () => {
    const texts = [...writeEventsAfter(history(), START)].map(({ text }) => JSON.parse(text) as object);
    const at = "2026-11-22T00:00:00.000Z";
    expect(texts).toEqual([
      { id: "1-0", type: "job.queued", job: JOB, at },
      { id: "2-0", type: "job.started", job: JOB, at, run: 1 },
      {
        id: "3-0",
        type: "job.retrying",
        job: JOB,
        at,
        retry_at: "2026-11-22T00:00:01.000Z",
        error: "upstream_error",
      },
      { id: "4-0", type: "job.started", job: JOB, at, run: 2 },
      { id: "4-1", type: "job.output", job: JOB, output: { n: 1 } },
      { id: "4-2", type: "job.output", job: JOB, output: { n: 2 } },
      { id: "5-0", type: "job.succeeded", job: JOB, at },
    ]);
  });

  it("can be read again without being parsed, whatever the chunk says", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const chunk = JSON.stringify(JSON.parse(json));
        const [, , , , written] = writeEventsAfter(history([chunk]), START);
        expect(readJobEvent(written?.text ?? "")).toEqual({
          id: { seq: 4, part: 1 },
          type: "job.output",
          chunk,
        });
      }),
    );
    expect(readJobEvent("pong")).toBeUndefined();
  });

  it("are framed with their id and type", () => {
    const [first] = writeEventsAfter(history(), START);
    expect(frameJobEvent(first?.text ?? "")).toBe(`id: 1-0\nevent: job.queued\ndata: ${first?.text}\n\n`);
  });
});

describe("a stream's chunks", () => {
  it("are the data of its events, without comments and [DONE]", () => {
    const stream = `: hi\n\nevent: a\ndata: {"n": 1}\n\ndata: {"n":\ndata: 2}\r\n\r\ndata: [DONE]\n\n`;
    expect(readChunks(encode(stream))).toEqual(['{"n": 1}', '{"n": 2}']);
  });

  it("are JSON on one line even where the data is not", () => {
    expect(readChunks(encode("data: a\ndata: b\n\ndata:\n\n"))).toEqual(['"a\\nb"', '""']);
  });

  it("count the last one where it lacks its blank line", () => {
    for (const end of ["", "\n", "\n\n"]) {
      expect(readChunks(encode(`data: 1\n\ndata: 23${end}`))).toEqual(["1", "23"]);
    }
  });

  it("are the same taken from its parts as from the whole", () => {
    const event = fc.oneof(
      fc.json().map((json) => writeEvent(json)),
      fc.constantFrom(": comment\n\n", "data: x\r\n\r\n", "event: ping\ndata: {}\n\n", "data: [DONE]\n\n"),
    );
    const parts = fc.array(fc.array(event, { maxLength: 4 }).map((events) => events.join("")));
    fc.assert(
      fc.property(parts, (texts) => {
        const apart = texts.flatMap((text) => readChunks(encode(text)));
        expect(apart).toEqual(readChunks(encode(texts.join(""))));
        const { events } = createEventCutter(1e6).add(texts.join("")) ?? { events: [] };
        expect(apart.length).toBeLessThanOrEqual(events.length);
      }),
    );
  });
});
