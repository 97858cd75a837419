import { array, assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../../../bench/http/message-reader.ts";

const OK = "HTTP/1.1 200 OK";
const chunked = (...chunks: readonly string[]) =>
  `${OK}\r\nTransfer-Encoding: chunked\r\n\r\n${[...chunks, ""].map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join("")}`;
const sized = (body: string) => `${OK}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** What the reader says to each piece. */
function readPieces(reader: MessageReader, bytes: Buffer, cuts: readonly number[]) {
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => reader.read(Buffer.from(bytes.subarray(places[at], end))));
}

describe("the reader of messages", () => {
  it.each([
    ["with a length", sized("the wheel")],
    ["of no bytes", sized("")],
    ["in chunks", chunked("the water", "that drives the wheel ".repeat(20))],
    ["in no chunk", chunked()],
    ["that holds what looks like an end", chunked("0\r\n\r\n", "more")],
    ["that tells of no body", "POST /whole HTTP/1.1\r\nhost: here\r\n\r\n"],
  ])("finds the end of a message %s, wherever its bytes are cut", (_, message) => {
    const bytes = Buffer.from(message);
    assert(
      property(array(nat(), { maxLength: 6 }), (cuts) => {
        const reader = new MessageReader();
        const firstLine = message.slice(0, message.indexOf("\r\n"));
        const answers = readPieces(reader, bytes, cuts).filter((answer) => answer !== undefined);
        expect(answers).toEqual([firstLine]);
        expect(reader.read(Buffer.from(sized("the next")))).toBe(OK);
      }),
    );
  });

  it("does not end before the last byte", () => {
    for (const message of [sized("the wheel"), chunked("the wheel")]) {
      expect(new MessageReader().read(Buffer.from(message.slice(0, -1)))).toBeUndefined();
    }
  });

  it("may be given a buffer that is used again", () => {
    const message = Buffer.from(sized("the wheel"));
    const buffer = Buffer.alloc(10);
    const reader = new MessageReader();
    const answers: (string | undefined)[] = [];
    for (let at = 0; at < message.length; at += buffer.length) {
      const length = message.copy(buffer, 0, at);
      answers.push(reader.read(buffer.subarray(0, length)));
    }
    expect(answers.filter((answer) => answer !== undefined)).toEqual([OK]);
  });
});
