import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createEventCutter,
  cutEvents,
  readData,
  readName,
  writeEvent,
} from "../../../worker/domain/answers/server-sent-events.ts";

describe("cutEvents", () => {
  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("cuts after each blank line where lines end in %s", (_, newline) => {
    const [one, two] = [`data: 1${newline.repeat(2)}`, `event: x${newline}data: 2${newline.repeat(2)}`];
    expect(cutEvents(`${one}${two}data: 3${newline}`)).toEqual({
      events: [one, two],
      rest: `data: 3${newline}`,
    });
  });

  it("keeps all that came, in order", () => {
    const kept = fc.property(fc.string({ unit: fc.constantFrom("\n", "\r", "a", ":") }), (text) => {
      const { events, rest } = cutEvents(text);
      expect(events.join("") + rest).toBe(text);
    });
    fc.assert(kept);
  });

  it("gives no event of nothing", () => {
    expect(cutEvents("")).toEqual({ events: [], rest: "" });
  });
});

/** One line of data: anything but the ends of lines, and no blanks at its own end. */
const lines = fc
  .string({ unit: "binary", maxLength: 20 })
  .map((line) => line.replaceAll(/[\r\n]/g, "").trimEnd());
const eventLists = fc.array(fc.array(lines, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
const newlines = fc.constantFrom("\n", "\r\n", "\r");
const spaces = fc.constantFrom(" ", "");
const cuts = fc.array(fc.nat(400), { maxLength: 8 });

/** Feeds a text in pieces, as a connection would, and gives the data of the events in it. */
function readInPieces(text: string, at: readonly number[]): (string | undefined)[] {
  const edges = [0, ...at.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
  let buffer = "";
  const events: string[] = [];
  for (const [index, edge] of edges.slice(1).entries()) {
    const cut = cutEvents(buffer + text.slice(edges[index], edge));
    events.push(...cut.events);
    buffer = cut.rest;
  }
  return events.map(readData);
}

describe("cutEvents and readData", () => {
  it("give the same events wherever the stream is cut", () => {
    const anywhere = fc.property(eventLists, newlines, spaces, cuts, (events, newline, space, at) => {
      // A line that starts with a blank would lose it to the one after the colon.
      const write = (line: string) => `data:${line.startsWith(" ") ? " " : space}${line}${newline}`;
      const text = events.map((event) => event.map(write).join("") + newline).join("");
      expect(readInPieces(text, at)).toEqual(events.map((event) => event.join("\n")));
    });
    fc.assert(anywhere, { numRuns: 1000 });
  });

  it("read a stream that comes a character at a time", () => {
    const text = ': hello\r\n\r\nevent: x\r\ndata: {"a":1}\r\n\r\ndata: [DONE]\r\n\r\n';
    const at = Array.from({ length: text.length }, (_, index) => index);
    expect(readInPieces(text, at)).toEqual([undefined, '{"a":1}', "[DONE]"]);
  });
});

/** Feeds a text in pieces to a cutter; undefined where it refuses an event. */
function cutInPieces(pieces: readonly string[], maxChars = 1000): readonly string[] | undefined {
  const cutter = createEventCutter(maxChars);
  const events: string[] = [];
  for (const piece of pieces) {
    const cut = cutter.add(piece);
    if (!cut) return undefined;
    events.push(...cut.events);
  }
  return [...events, ...cutter.end().events];
}

function piecesOf(text: string, at: readonly number[]): readonly string[] {
  const edges = [...at.map((cut) => Math.min(cut, text.length)), text.length].toSorted((a, b) => a - b);
  return edges.map((edge, index) => text.slice(edges[index - 1] ?? 0, edge));
}

describe("createEventCutter", () => {
  it("gives the same events wherever the stream is cut, and all that came", () => {
    const anywhere = fc.property(eventLists, newlines, cuts, (events, newline, at) => {
      const write = (event: readonly string[]) =>
        event.map((line) => `data:${line}${newline}`).join("") + newline;
      const written = events.map(write);
      const text = written.join("");
      expect(cutInPieces(piecesOf(text, at))).toEqual(written);
      expect(cutInPieces(text.split(""))).toEqual(written);
    });
    fc.assert(anywhere, { numRuns: 500 });
  });

  it("tells whether the events are the very text that was added", () => {
    const cutter = createEventCutter(100);
    expect(cutter.add("data: 1\n\ndata: 2\n\n")).toEqual({
      events: ["data: 1\n\n", "data: 2\n\n"],
      aligned: true,
      isWhole: true,
    });
    expect(cutter.add("data: 3\n\nda")).toEqual({ events: ["data: 3\n\n"], aligned: false, isWhole: false });
    expect(cutter.add("ta: 4\n\n")).toEqual({ events: ["data: 4\n\n"], aligned: false, isWhole: true });
    expect(cutter.add("data: 5\n\n")?.aligned).toBe(true);
  });

  it("reads an event of a million characters that come one at a time", () => {
    const text = `data: ${"x".repeat(1_000_000)}\n\n`;
    expect(cutInPieces(text.split(""), 2_000_000)).toEqual([text]);
  });

  it.each([
    ["whole", [`data: ${"x".repeat(100)}\n\n`]],
    ["in parts", ["data: ", "x".repeat(50), "x".repeat(50)]],
    ["behind another", [`data: 1\n\ndata: ${"x".repeat(100)}`, "\n\n"]],
  ])("refuses an event over the bound that comes %s", (_, pieces) => {
    expect(cutInPieces(pieces, 100)).toBeUndefined();
  });

  it("takes many events that only together are over the bound", () => {
    expect(cutInPieces(["data: 1\n\n".repeat(100)], 20)).toHaveLength(100);
  });

  it.each(["data: [DONE]\n", "data: [DONE]", "data: [DONE]\r\n"])(
    "counts %j at the end of the stream, which lacks only its blank line",
    (last) => {
      const events = cutInPieces(["data: 1\n\n", last]);
      expect(events?.map((event) => readData(event)?.trim())).toEqual(["1", "[DONE]"]);
    },
  );

  it("gives nothing at the end where nothing is left", () => {
    expect(cutInPieces(["data: 1\n\n", "\n"])).toEqual(["data: 1\n\n"]);
  });
});

describe("readName", () => {
  it.each([
    ["event: ping\ndata: {}\n\n", "ping"],
    ["event:ping\r\ndata: {}\r\n\r\n", "ping"],
    ["id: 7\nevent: ping\ndata: {}\n\n", "ping"],
    ["data: {}\n\n", undefined],
    [": event: ping\n\n", undefined],
  ])("of %j is %s", (event, name) => {
    expect(readName(event)).toBe(name);
  });

  it("of what writeEvent wrote is what it was given", () => {
    expect(readName(writeEvent("{}", "message_stop"))).toBe("message_stop");
  });
});

describe("readData", () => {
  it.each([
    ["data: x\n\n", "x"],
    ["data:x\n\n", "x"],
    ["data:  x\n\n", " x"],
    ["data: a\ndata: b\n\n", "a\nb"],
    ["data: a\n\n\n", "a"],
    ["id: 7\ndata: a\nretry: 5\n\n", "a"],
    ["data: a\nid: 7\n\n", "a"],
    [": comment\ndata: a\n\n", "a"],
    ["data:\n\n", ""],
    ["data: \n\n", ""],
    ["data: a: b\n\n", "a: b"],
    ["data: x \n\n", "x "],
    ["data: x \r\n\r\n", "x "],
  ])("of %j is %j", (event, data) => {
    expect(readData(event)).toBe(data);
  });

  it.each([": OPENROUTER PROCESSING\n\n", "event: ping\n\n", "\n\n", "dataset: x\n\n", " data: x\n\n"])(
    "of %j is none",
    (event) => {
      expect(readData(event)).toBeUndefined();
    },
  );

  it("of what writeEvent wrote is what it was given", () => {
    expect(readData(writeEvent('{"a":"é"}'))).toBe('{"a":"é"}');
    expect(cutEvents(writeEvent("x")).rest).toBe("");
  });
});
