import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import { MAX_ANSWER_BYTES, type Piece } from "../../../worker/domain/answers/answer-body.ts";
import type { EventReader, ServerSentEvent, StreamEvent } from "../../../worker/domain/routing/adapter.ts";
import { relayEvents } from "../../../worker/streams/relay-events.ts";
import type { OpenStream } from "../../../worker/streams/open-stream.ts";
import { createEventReader, readEvent } from "../../../worker/providers/openai/read-event.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { anyStream } from "./any-stream.ts";

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);
const textOf = (pieces: readonly Piece[]) => new TextDecoder().decode(join(pieces));

function join(pieces: readonly Piece[]): Uint8Array {
  return new Uint8Array(pieces.flatMap(({ bytes }) => [...bytes]));
}

const delta = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const usageOnly = `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
const DONE = "data: [DONE]\n\n";

/** A provider's stream made of chunks, which breaks in the end where an error is given. */
class Connection implements OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  touches = 0;
  aborts = 0;
  gaveUp: GatewayError | undefined;
  readonly watchdog = {
    leftMs: () => 60_000,
    touch: () => void this.touches++,
    pause: () => {},
    wait: () => {},
    setPace: () => {},
    stop: () => {},
  };

  constructor(chunks: readonly (Uint8Array | string)[], broken?: Error) {
    const rest = chunks.map((chunk) => (typeof chunk === "string" ? bytesOf(chunk) : chunk));
    this.body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = rest.shift();
        if (chunk) controller.enqueue(chunk);
        else if (broken) controller.error(broken);
        else controller.close();
      },
    });
  }

  givenUp() {
    return this.gaveUp;
  }

  abort() {
    this.aborts++;
  }
}

async function relay(connection: Connection, read: EventReader = readEvent) {
  const pieces: Piece[] = [];
  const relayed = relayEvents(connection, read);
  for (;;) {
    const next = await relayed.next();
    if (next.done) return { pieces, end: next.value };
    pieces.push(next.value);
  }
}
const relayChunks = (...chunks: (Uint8Array | string)[]) => relay(new Connection(chunks));

describe("relayEvents on a complete stream", () => {
  it("passes everything on, and ends well", async () => {
    const { pieces, end } = await relayChunks(delta("Hel"), delta("lo"), DONE);
    expect(textOf(pieces)).toBe(delta("Hel") + delta("lo") + DONE);
    expect(end).toEqual({ ok: true, value: null });
  });

  it("forwards a chunk of whole events as the very bytes that came", async () => {
    const chunk = bytesOf(delta("Hel") + delta("lo"));
    const { pieces } = await relayChunks(chunk, DONE);
    expect(pieces[0]?.bytes).toBe(chunk);
  });

  it("passes on an event as soon as it is whole", async () => {
    const relayed = relayEvents(
      new Connection([delta("a"), "data: {", delta("b").slice(7), DONE]),
      readEvent,
    );
    expect(textOf([(await relayed.next()).value as Piece])).toBe(delta("a"));
    expect(textOf([(await relayed.next()).value as Piece])).toBe(delta("b"));
  });

  it("tells the watchdog of every part of the answer, and ends the call once", async () => {
    const connection = new Connection([delta("a"), ": ping\n\n", delta(""), delta("b"), DONE]);
    await relay(connection);
    expect(connection).toMatchObject({ touches: 2, aborts: 1 });
  });

  it("keeps comments and events of other kinds", async () => {
    const odd = `: ping\n\nevent: x\nid: 7\n\n${delta("a")}`;
    const { pieces, end } = await relayChunks(odd, DONE);
    expect(textOf(pieces)).toBe(odd + DONE);
    expect(end.ok).toBe(true);
  });

  it("counts the events of each piece that are parts of the answer, and no others", async () => {
    const { pieces } = await relayChunks(
      `: ping\n\n${delta("a")}${delta("b")}`,
      delta("c"),
      usageOnly + DONE,
    );
    expect(pieces.map(({ deltas }) => deltas)).toEqual([2, 1, 0, 0]);
  });

  it.each(["data: [DONE]\n", "data: [DONE]"])("is ended by %j, without its blank line", async (last) => {
    const { pieces, end } = await relayChunks(delta("a"), last);
    expect(textOf(pieces)).toContain("[DONE]");
    expect(end.ok).toBe(true);
  });

  it("passes on nothing that comes after [DONE]", async () => {
    const { pieces, end } = await relayChunks(delta("a") + DONE + delta("b"), delta("c"));
    expect(textOf(pieces)).toBe(delta("a") + DONE);
    expect(end.ok).toBe(true);
  });
});

describe("relayEvents on what is not quite a stream", () => {
  const finish = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`;

  it("has it whole where a reason to finish came before it just ended, and adds its end", async () => {
    for (const parts of [
      [delta("a") + finish],
      [delta("a"), finish.trimEnd()],
      [delta("a"), finish, usageOnly],
    ]) {
      const { pieces, end } = await relay(new Connection(parts), createEventReader());
      expect(textOf(pieces).trimEnd()).toMatch(/data: \[DONE\]$/);
      expect(end).toEqual({ ok: true, value: parts[2] === undefined ? null : usage });
    }
  });

  it("leaves out events without data, by which relays keep a stream open", async () => {
    const { pieces, end } = await relayChunks(delta("a"), "data: \n\n", `data:\n\n${delta("b")}`, DONE);
    expect(textOf(pieces)).toBe(delta("a") + delta("b") + DONE);
    expect(end.ok).toBe(true);
  });

  it("puts U+FFFD in the place of bytes that are not UTF-8", async () => {
    const [before, after] = delta("x|").split("|").map(bytesOf);
    const odd = new Uint8Array([...(before ?? []), 0xe6, 0xb0, ...(after ?? [])]);
    const { pieces, end } = await relayChunks(delta("a"), odd, DONE);
    expect(textOf(pieces)).toBe(delta("a") + delta("x\ufffd") + DONE);
    expect(pieces.every(({ bytes }) => new TextDecoder("utf-8", { fatal: true }).decode(bytes))).toBe(true);
    expect(end.ok).toBe(true);
  });

  it("passes on an event with a picture of some megabytes", async () => {
    const picture = delta("QUJD".repeat(700_000));
    const cuts = [picture.slice(0, 900_000), picture.slice(900_000, 2_000_000), picture.slice(2_000_000)];
    const { pieces, end } = await relayChunks(delta("a"), ...cuts, DONE);
    expect(textOf(pieces)).toBe(delta("a") + picture + DONE);
    expect(end.ok).toBe(true);
  });
});

describe("relayEvents before the answer begins", () => {
  const role = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] })}\n\n`;
  const call = `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, id: "c", function: { name: "look", arguments: "" } }] } }] })}\n\n`;
  const failing = `data: ${JSON.stringify({ error: { message: "boom" } })}\n\n`;
  const begin = async (...parts: string[]) => {
    const relayed = relayEvents(new Connection(parts), createEventReader());
    return { relayed, ended: await relayed.begin() };
  };

  it.each([
    ["comments", [": PROCESSING\n\n", ": PROCESSING\n\n"]],
    ["a role", [role]],
    ["a role and comments", [`: ping\n\n${role}`, ": ping\n\n"]],
    ["nothing", []],
  ])("is a failure where there have been only %s", async (_, before) => {
    for (const parts of [[...before, failing], [`${before.join("")}${failing}`], before]) {
      const { ended } = await begin(...parts);
      expect(ended?.ok).toBe(false);
    }
  });

  it.each([
    ["a text", delta("a")],
    ["a call", call],
    [
      "a reason to finish",
      `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\n`,
    ],
  ])("holds back what comes before, and gives all of it with %s", async (_, first) => {
    const { relayed, ended } = await begin(": ping\n\n", role, first, failing);
    expect(ended).toBeUndefined();
    const pieces: Piece[] = [];
    for (;;) {
      const step = await relayed.next();
      if (step.done) break;
      pieces.push(step.value);
    }
    expect(textOf(pieces)).toBe(`: ping\n\n${role}${first}`);
  });

  it("holds back no more than 64 events or 256 KB", async () => {
    for (const parts of [
      Array<string>(64).fill(role),
      Array<string>(64).fill(": ping\n\n"),
      Array<string>(3).fill(`: ${"x".repeat(100_000)}\n\n`),
    ]) {
      expect((await begin(...parts, failing)).ended).toBeUndefined();
      expect((await begin(...parts.slice(1), failing)).ended?.ok).toBe(false);
    }
  });
});

describe("relayEvents on usage", () => {
  it("reads it, and marks the event that holds nothing else", async () => {
    const { pieces, end } = await relayChunks(delta("a"), usageOnly, DONE);
    expect(end).toEqual({ ok: true, value: usage });
    expect(textOf(pieces.filter((piece) => piece.usageOnly))).toBe(usageOnly);
    expect(textOf(pieces.filter((piece) => !piece.usageOnly))).toBe(delta("a") + DONE);
  });

  it("marks that event alone where it shares a chunk with others", async () => {
    const { pieces } = await relayChunks(delta("a") + usageOnly + DONE);
    expect(pieces.map((piece) => [textOf([piece]), piece.usageOnly])).toEqual([
      [delta("a"), false],
      [usageOnly, true],
      [DONE, false],
    ]);
  });

  it("reads it from a chunk that also holds a choice, which everyone gets", async () => {
    const both = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }], usage })}\n\n`;
    const { pieces, end } = await relayChunks(both, DONE);
    expect(end).toEqual({ ok: true, value: usage });
    expect(pieces.every((piece) => !piece.usageOnly)).toBe(true);
  });

  it("takes the last where it is told several times", async () => {
    const running = `data: ${JSON.stringify({ choices: [{ delta: {} }], usage: { total_tokens: 1 } })}\n\n`;
    expect((await relayChunks(running, usageOnly, DONE)).end).toEqual({ ok: true, value: usage });
    expect((await relayChunks(running + usageOnly + DONE)).end).toEqual({ ok: true, value: usage });
  });
});

describe("relayEvents on a broken stream", () => {
  it.each<[string, (Uint8Array | string)[], string]>([
    ["ends without [DONE]", [delta("a"), delta("b")], "upstream_invalid_response"],
    ["ends inside an event", [delta("a"), delta("b"), "data: {"], "upstream_invalid_response"],
    ["talks nonsense", [delta("a") + delta("b"), "data: <html>\n\n", DONE], "upstream_error"],
    [
      "sends an error event",
      [delta("a"), `${delta("b")}data: {"error":"overloaded"}\n\n`, DONE],
      "overloaded",
    ],
  ])("that %s keeps what came before, and ends as broken", async (_, chunks, code) => {
    const { pieces, end } = await relayChunks(...chunks);
    expect(textOf(pieces)).toBe(delta("a") + delta("b"));
    expect(end).toMatchObject({
      ok: false,
      error: { code: code === "upstream_error" ? code : expect.anything() },
    });
  });

  it("keeps the words of an error event for the logs, and passes on nothing after it", async () => {
    const failing = `data: ${JSON.stringify({ error: { message: "boom" } })}\n\n`;
    const { pieces, end } = await relayChunks(delta("a"), failing + delta("b") + DONE);
    expect(textOf(pieces)).toBe(delta("a"));
    expect(end).toEqual({
      ok: false,
      error: { code: "upstream_error", reason: "status 500", quote: "boom" },
    });
  });

  it("gives up an event that is larger than an answer may be", async () => {
    const part = new Uint8Array(MAX_ANSWER_BYTES / 8).fill(0x78);
    const connection = new Connection([delta("a"), 'data: {"a":"', ...Array<Uint8Array>(8).fill(part), DONE]);
    const { pieces, end } = await relay(connection);
    expect(textOf(pieces)).toBe(delta("a"));
    expect(end).toMatchObject({ ok: false, error: { code: "upstream_invalid_response" } });
    expect(connection.aborts).toBe(1);
  });

  it("tells a lost connection from one that was given up, and says why that was", async () => {
    const lost = new Connection([delta("a")], new Error("Network connection lost."));
    expect((await relay(lost)).end).toEqual({
      ok: false,
      error: { code: "upstream_error", reason: "Network connection lost." },
    });
    const left = new Connection([delta("a")], new Error("aborted"));
    left.gaveUp = { code: "upstream_timeout", reason: "quiet" };
    expect((await relay(left)).end).toEqual({ ok: false, error: left.gaveUp });
    expect([lost.aborts, left.aborts]).toEqual([1, 1]);
  });

  it("ends the call when its reader leaves", async () => {
    const connection = new Connection([delta("a"), delta("b"), DONE]);
    const relayed = relayEvents(connection, readEvent);
    await relayed.next();
    await relayed.return({ ok: true, value: null });
    expect(connection.aborts).toBe(1);
  });
});

describe("relayEvents on a stream whose provider has no last event", () => {
  const closing: StreamEvent[] = [
    { kind: "usage", usage, only: true, emit: usageOnly },
    { kind: "done", emit: DONE },
  ];
  const readerOf = (last: readonly StreamEvent[]): EventReader =>
    Object.assign((event: ServerSentEvent) => readEvent(event), { end: () => last });

  it("ends it well at its clean end, with what the reader says there", async () => {
    const { pieces, end } = await relay(new Connection([delta("a")]), readerOf(closing));
    expect(textOf(pieces)).toBe(delta("a") + usageOnly + DONE);
    expect(pieces.map(({ usageOnly: only }) => only)).toEqual([false, true, false]);
    expect(end).toEqual({ ok: true, value: usage });
  });

  it("has it broken off where the reader has nothing to say, and where the connection breaks", async () => {
    const silent = await relay(new Connection([delta("a")]), readerOf([]));
    expect(silent.end).toMatchObject({ ok: false, error: { code: "upstream_invalid_response" } });
    const reset = await relay(new Connection([delta("a")], new Error("reset")), readerOf(closing));
    expect(textOf(reset.pieces)).toBe(delta("a"));
    expect(reset.end).toMatchObject({ ok: false, error: { code: "upstream_error" } });
  });
});

describe("relayEvents on events cut anywhere", () => {
  const whole = bytesOf(`${delta("Grüße, 世界 👩‍👩‍👧 ")}: ñ\n\n${delta("é")}${usageOnly}${DONE}`);

  it("joins a stream split at any byte, inside characters too", async () => {
    for (let at = 0; at <= whole.byteLength; at++) {
      const { pieces, end } = await relayChunks(whole.slice(0, at), whole.slice(at));
      expect(join(pieces)).toEqual(whole);
      expect(end).toEqual({ ok: true, value: usage });
      expect(textOf(pieces.filter((piece) => piece.usageOnly))).toBe(usageOnly);
    }
  });

  it("joins a stream that comes byte by byte", async () => {
    const { pieces, end } = await relayChunks(...Array.from(whole, (byte) => new Uint8Array([byte])));
    expect(join(pieces)).toEqual(whole);
    expect(end).toEqual({ ok: true, value: usage });
  });

  it.each(["\r\n", "\r"])("joins a stream with lines that end in %j, cut anywhere", async (newline) => {
    const bytes = bytesOf(`${delta("é")}${delta("世")}${DONE}`.replaceAll("\n", newline));
    const cuts = fc.array(fc.nat(bytes.byteLength), { maxLength: 6 });
    const joined = fc.asyncProperty(cuts, async (at) => {
      const edges = [0, ...at.toSorted((a, b) => a - b), bytes.byteLength];
      const { pieces, end } = await relayChunks(
        ...edges.slice(1).map((to, index) => bytes.slice(edges[index], to)),
      );
      expect(join(pieces)).toEqual(bytes);
      expect(end.ok).toBe(true);
    });
    await fc.assert(joined);
  });
});

describe("relayEvents on any stream, cut anywhere", () => {
  /** All that a stream brings. */
  async function readAll(parts: readonly Uint8Array[], read: EventReader) {
    const pieces: Piece[] = [];
    const told: unknown[] = [];
    const relayed = relayEvents(new Connection(parts), read, {
      onEnd: (end, came) => told.push({ end, ...came }),
    });
    for (;;) {
      const step = await relayed.next();
      if (step.done) break;
      pieces.push(step.value);
    }
    const shown = pieces.filter((piece) => !piece.usageOnly);
    const deltas = pieces.reduce((sum, piece) => sum + piece.deltas, 0);
    return { all: textOf(pieces), shown: textOf(shown), deltas, told };
  }

  /** Its events one by one, each read by itself: nothing is skimmed, nothing comes together. */
  const oneByOne = (bytes: Uint8Array) => {
    const { events, rest } = cutEvents(new TextDecoder().decode(bytes));
    return readAll([...events, rest].filter((part) => part !== "").map(bytesOf), readClosely());
  };

  /** The same without skimming. */
  function readClosely(): EventReader {
    const read = createEventReader();
    return Object.assign((event: ServerSentEvent) => read(event), { end: () => read.end?.() ?? [] });
  }

  it.each([
    ["read closely", readClosely],
    ["skimmed", () => createEventReader()],
  ])("brings the same text, use, deltas and end as its events one by one: %s", async (_, open) => {
    const law = fc.asyncProperty(anyStream, async ({ bytes, parts }) => {
      const expected = await oneByOne(bytes);
      const brought = await readAll(parts, open());
      expect(brought).toEqual(expected);
      expect(brought.told).toMatchObject([{ deltas: brought.deltas }]);
    });
    await fc.assert(law, { numRuns: 500 });
  });
});
