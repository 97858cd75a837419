import { describe, expect, it } from "vitest";
import type { EventReader, ServerSentEvent, StreamEvent } from "../../../worker/domain/routing/adapter.ts";
import type { EventGroup } from "../../../worker/domain/answers/group-events.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { writeEvent } from "../../../worker/domain/answers/server-sent-events.ts";

const usage = { prompt_tokens: 3, completion_tokens: 2 };

/** A provider whose events say what they are. */
const MEANINGS: Readonly<Record<string, StreamEvent>> = {
  start: { kind: "comment" },
  silent: { kind: "comment", emit: "" },
  text: { kind: "delta" },
  translated: { kind: "delta", emit: "data: b\n\n" },
  usage: { kind: "usage", usage, only: true },
  hidden: { kind: "usage", usage, only: true, emit: "" },
  both: { kind: "usage", usage, only: false },
  overload: { kind: "error", reason: "overloaded" },
  end: { kind: "done" },
  closing: {
    kind: "several",
    events: [
      { kind: "delta", emit: "data: c\n\n" },
      { kind: "usage", usage, only: true, emit: "data: u\n\n" },
      { kind: "done", emit: "data: [DONE]\n\n" },
    ],
  },
  farewell: { kind: "done", emit: "data: [DONE]\n\n" },
};
const read: EventReader = ({ data }) => MEANINGS[data] ?? { kind: "error", reason: `unknown: ${data}` };

const group = (...events: string[]) =>
  groupEvents(
    events.map((data) => writeEvent(data)),
    read,
  );
const textOf = ({ pieces }: EventGroup) =>
  pieces.map(({ bytes, usageOnly }) => [new TextDecoder().decode(bytes), usageOnly]);

describe("groupEvents", () => {
  it("makes one piece of events that go on as they came, and counts the parts of the answer", () => {
    const events = group("start", "text", "text");
    expect(textOf(events)).toEqual([["data: start\n\ndata: text\n\ndata: text\n\n", false]]);
    expect(events).toMatchObject({ verbatim: true, usage: null, end: undefined });
    expect(events.pieces[0]?.deltas).toBe(2);
  });

  it("makes nothing of nothing", () => {
    expect(group()).toEqual({
      pieces: [],
      verbatim: false,
      changed: false,
      usage: null,
      end: undefined,
      isTold: false,
    });
  });

  it("puts what the reader emits in the place of what came, which is then not the text that came", () => {
    const events = group("text", "translated", "silent");
    expect(textOf(events)).toEqual([["data: text\n\ndata: b\n\n", false]]);
    expect(events.verbatim).toBe(false);
  });

  it("sets apart the event that holds nothing but usage, in its place", () => {
    const events = group("text", "usage", "text");
    expect(textOf(events)).toEqual([
      ["data: text\n\n", false],
      ["data: usage\n\n", true],
      ["data: text\n\n", false],
    ]);
    expect(events).toMatchObject({ usage, verbatim: false });
  });

  it("is not verbatim where its only piece is for those who asked for usage", () => {
    expect(group("usage")).toMatchObject({ usage, verbatim: false });
  });

  it("keeps usage that comes with a part of the answer where it is", () => {
    expect(textOf(group("both"))).toEqual([["data: both\n\n", false]]);
    expect(group("both").usage).toEqual(usage);
  });

  it("reads usage from an event of which clients see nothing", () => {
    expect(group("hidden")).toEqual({
      pieces: [],
      verbatim: false,
      changed: true,
      usage,
      end: undefined,
      isTold: false,
    });
  });

  it("ends with the event that ends the stream, and leaves out what follows", () => {
    const events = group("text", "farewell", "text");
    expect(textOf(events)).toEqual([["data: text\n\ndata: [DONE]\n\n", false]]);
    expect(events.end).toEqual({ ok: true, value: null });
    expect(events.verbatim).toBe(false);
  });

  it("keeps what came before an error, and not the error", () => {
    const events = group("text", "overload", "text");
    expect(textOf(events)).toEqual([["data: text\n\n", false]]);
    expect(events.end).toEqual({ ok: false, error: { code: "upstream_error", reason: "overloaded" } });
  });

  it("passes comments on unread", () => {
    const events = groupEvents([": ping\n\n"], read);
    expect(textOf(events)).toEqual([[": ping\n\n", false]]);
    expect(events).toMatchObject({ verbatim: true, end: undefined });
  });

  it("gives the reader each event's name and data, in order", () => {
    const seen: ServerSentEvent[] = [];
    const remember: EventReader = (event) => {
      seen.push(event);
      return { kind: "delta" };
    };
    groupEvents([writeEvent("1", "first"), writeEvent("2")], remember);
    expect(seen).toEqual([
      { name: "first", data: "1" },
      { name: undefined, data: "2" },
    ]);
  });

  it("tells clients in several events what came in one", () => {
    const events = group("text", "closing");
    expect(textOf(events)).toEqual([
      ["data: text\n\ndata: c\n\n", false],
      ["data: u\n\n", true],
      ["data: [DONE]\n\n", false],
    ]);
    expect(events).toMatchObject({ usage, verbatim: false, end: { ok: true } });
  });

  it.each(['{"error":"overloaded"}\n\n', "<html>\n\n"])(
    "takes %j, which is no event, for a failure",
    (raw) => {
      expect(groupEvents([raw], read).end).toMatchObject({ ok: false, error: { code: "upstream_error" } });
    },
  );
});

describe("groupEvents at a stream's clean end", () => {
  const knowing: EventReader = Object.assign((event: ServerSentEvent) => read(event), {
    end: (): StreamEvent[] => [{ kind: "done", emit: "data: [DONE]\n\n" }],
  });

  it("lets the reader say that it is complete", () => {
    const events = groupEvents([writeEvent("text")], knowing, true);
    expect(textOf(events)).toEqual([["data: text\n\ndata: [DONE]\n\n", false]]);
    expect(events.end).toEqual({ ok: true, value: null });
  });

  it("does not ask it before, nor where an event has ended the stream, nor one that has nothing to say", () => {
    expect(groupEvents([writeEvent("text")], knowing).end).toBeUndefined();
    expect(groupEvents([writeEvent("overload")], knowing, true).end?.ok).toBe(false);
    expect(groupEvents([writeEvent("text")], read, true).end).toBeUndefined();
  });
});
