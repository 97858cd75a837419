import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText } from "../../sdk/body.ts";
import { readEvents, startEventParser } from "../../sdk/events.ts";

/** Everything a stream of these pieces holds. */
async function eventsOf(pieces: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({ start: (stream) => fill(stream, pieces) });
  return Array.fromAsync(readEvents(readText(body.getReader())));
}

function fill(stream: ReadableStreamDefaultController<Uint8Array>, pieces: Uint8Array[]): void {
  for (const piece of pieces) stream.enqueue(piece);
  stream.close();
}

/** Cuts bytes at these places, each a share of the whole. */
function cut(bytes: Uint8Array, shares: number[]): Uint8Array[] {
  const places = shares.map((share) => Math.floor(share * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.slice(start, places[index]));
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): Promise<string[]> => eventsOf([encode(text)]);

describe("the event parser", () => {
  it.each<[string, string, string[]]>([
    ["one event", "data: a\n\n", ["a"]],
    ["no space after the colon", "data:a\n\n", ["a"]],
    ["one space taken away, no more", "data:  a \n\n", [" a "]],
    ["lines of data", "data: a\ndata\ndata: b\n\n", ["a\n\nb"]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["CR", "data: a\r\rdata: b\r\r", ["a", "b"]],
    ["a mix of line ends", "data: a\r\n\ndata: b\n\r\n", ["a", "b"]],
    ["comments", ": ping\n\ndata: a\n: ping\n\n:\n\n", ["a"]],
    ["other fields", "event: x\nid: 1\nretry: 5\ndatas: no\ndata: a\n\n", ["a"]],
    ["events without data", "event: ping\n\ndata\n\ndata:\n\ndata: a\n\n", ["a"]],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["blank lines", "\n\n\ndata: a\n\n\n\n", ["a"]],
    ["no last blank line", "data: a\n\ndata: b\n", ["a", "b"]],
    ["no last line end", "data: a\n\ndata: b", ["a", "b"]],
    ["nothing", "", []],
  ])("reads %s", async (_, text, expected) => {
    expect(await parse(text)).toEqual(expected);
  });

  it("keeps characters whole that are cut between bytes", async () => {
    const bytes = encode("data: né 🦊 水\n\n");
    expect(await eventsOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(["né 🦊 水"]);
  });

  it("takes a CRLF that is cut in two for one line end", async () => {
    const bytes = encode("data: a\r\ndata: b\r\n\r\n");
    expect(await eventsOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(["a\nb"]);
  });

  it("reads the same events however the bytes are cut", async () => {
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll(/[\r\n]/g, ""));
    const line = fc.oneof(
      text.map((value) => `data: ${value}`),
      text.map((value) => `:${value}`),
      text,
      fc.constant(""),
    );
    const stream = fc.array(fc.tuple(line, lineEnd)).map((lines) => lines.flat().join(""));
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(stream, shares, async (value, places) => {
        expect(await eventsOf(cut(encode(value), places))).toEqual(await parse(value));
      }),
    );
  });

  it("gives back what an encoder wrote", async () => {
    const event = fc.array(
      fc.string().map((line) => line.replaceAll(/[\r\n]/g, "")),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event), async (written) => {
        const text = written.map((lines) => `${lines.map((line) => `data: ${line}\n`).join("")}\n`).join("");
        const expected = written.map((lines) => lines.join("\n")).filter((value) => value !== "");
        expect(await parse(text)).toEqual(expected);
      }),
    );
  });

  it.each<[string, string]>([
    ["one line", "x"],
    ["many lines of data", "x\ndata: "],
  ])("refuses an event over the limit, of %s", (_, piece) => {
    const push = startEventParser();
    push("data: ");
    const feed = (): void => {
      for (let sent = 0; sent < 2 ** 22; sent += piece.length * 1024) push(piece.repeat(1024));
    };
    expect(feed).toThrow(RangeError);
  });

  it("refuses a comment over the limit", () => {
    expect(() => startEventParser()(`:${"x".repeat(2 ** 20)}`)).toThrow(RangeError);
  });

  it("takes an event of almost the limit, byte by byte in linear work", () => {
    const push = startEventParser();
    for (const _ of Array(2 ** 20 - 6).keys()) push("x");
    expect(push("\ndata: a\n\n")).toEqual(["a"]);
  });

  it("takes any number of events of any length together", () => {
    const event = `data: ${"x".repeat(2 ** 19)}\n\n`;
    expect(startEventParser()(event.repeat(5))).toHaveLength(5);
  });
});
