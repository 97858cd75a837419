import { describe, expect, it } from "vitest";
import type { Piece, PieceGenerator, StreamEnd } from "../../../worker/domain/answers/answer-body.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import { recordStream } from "../../../worker/flows/jobs/record-stream.ts";

const piece = (text: string, usageOnly = false): Piece => ({
  bytes: new TextEncoder().encode(text),
  usageOnly,
  deltas: 1,
});
const usage = { total_tokens: 3 };
const BROKEN: StreamEnd = err({ code: "upstream_error" });

async function* piecesOf(pieces: readonly Piece[], end: StreamEnd = ok(usage)): PieceGenerator {
  yield* pieces;
  return end;
}

async function record(pieces: PieceGenerator, includeUsage = false, room = Infinity) {
  const heard: Piece[] = [];
  const kept: string[] = [];
  const recorded = await recordStream(pieces, {
    includeUsage,
    hear: (one) => heard.push(one) < room || Promise.resolve(false),
    hearKept: (bytes) => void kept.push(new TextDecoder().decode(bytes)),
  });
  return { recorded, heard: heard.length, kept };
}

const textOf = ({ recorded }: Awaited<ReturnType<typeof record>>) =>
  recorded.ok ? new TextDecoder().decode(recorded.value.bytes) : recorded.error;

describe("a stream that a job records", () => {
  const pieces = [piece("a"), piece("u", true), piece("b")];

  it("is what its client would have got, and what was used", async () => {
    const result = await record(piecesOf(pieces));
    expect([textOf(result), result.heard, result.kept]).toEqual(["ab", 3, ["a", "b"]]);
    expect(result.recorded).toMatchObject({ value: { usage } });
  });

  it("holds what was used where its client asked for that", async () => {
    const result = await record(piecesOf(pieces), true);
    expect([textOf(result), result.kept]).toEqual(["aub", ["a", "u", "b"]]);
  });

  it("that breaks is no record, whatever came of it", async () => {
    const { recorded, heard } = await record(piecesOf(pieces, BROKEN));
    expect([recorded, heard]).toEqual([BROKEN, 3]);
  });

  it("that there is no room for is ended there, for its run to be repeated", async () => {
    const { recorded, heard } = await record(piecesOf(pieces), false, 2);
    expect([recorded, heard]).toMatchObject([{ ok: false, error: { code: "overloaded" } }, 2]);
  });

  it("that grows too large is ended there", async () => {
    const large = piece("");
    Object.assign(large, { bytes: new Uint8Array(16 * 1024 * 1024) });
    let given = 0;
    const endless = async function* (): PieceGenerator {
      for (; given < 10; given++) yield large;
      return ok(null);
    };
    const { recorded } = await record(endless());
    expect([recorded, given]).toEqual([err("too_large"), 1]);
  });
});
