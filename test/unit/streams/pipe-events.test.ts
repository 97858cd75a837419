import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PipeEnd, StreamEnd } from "../../../worker/domain/answers/answer-body.ts";
import { cutEvents, readData } from "../../../worker/domain/answers/server-sent-events.ts";
import type { EventReader } from "../../../worker/domain/routing/adapter.ts";
import { createEventReader } from "../../../worker/providers/openai/read-event.ts";
import { type EventRelay, relayEvents } from "../../../worker/streams/relay-events.ts";
import type { Pace } from "../../../worker/streams/watchdog.ts";
import { turns } from "../flow-services.ts";
import { anyStream, completeStream, usage } from "./any-stream.ts";
import { ProviderStream } from "./provider-stream.ts";

const read = createEventReader();
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const usageOnly = `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
const DONE = "data: [DONE]\n\n";

/** What a stream's settlement is made of. */
interface Told {
  readonly end: StreamEnd | undefined;
  readonly deltas: number;
}

/** A stream whose first part has come, so that it may be piped from there. */
async function open(stream: ProviderStream, mayPipe = true, pace: Pace = {}) {
  const told: Told[] = [];
  const relay = relayEvents(stream, createEventReader(), {
    mayPipe: () => mayPipe,
    pace,
    onEnd: (end, { deltas }) => told.push({ end, deltas }),
  });
  const ended = await relay.begin();
  return { relay, told, ended };
}

/** Where a stream is piped to: a client that takes what comes, and may leave. */
function openSink() {
  const parts: Uint8Array[] = [];
  let leave: (() => void) | undefined;
  const writable = new WritableStream<Uint8Array>({
    start: (controller) => {
      leave = () => controller.error(new Error("the client has left"));
    },
    write: (part) => void parts.push(part),
  });
  return { writable, text: () => new TextDecoder().decode(join(parts)), leave: () => leave?.() };
}

const join = (parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

function pipe(relay: EventRelay, sink: WritableStream<Uint8Array>): Promise<PipeEnd | undefined> {
  if (!relay.pipeTo) throw new Error("the stream may not be piped");
  return relay.pipeTo(sink);
}

/** Reads all of a stream, event by event. */
async function readAll({ relay, ended }: Awaited<ReturnType<typeof open>>) {
  const parts: Uint8Array[] = [];
  for (;;) {
    const step = ended ? { done: true as const, value: ended } : await relay.next();
    if (step.done) return { text: new TextDecoder().decode(join(parts)), end: step.value };
    parts.push(step.value.bytes);
  }
}

/** The events of a stream's text; a blank line more says nothing. */
const dataOf = (text: string) => cutEvents(text).events.flatMap((event) => readData(event) ?? []);

function streamOf(parts: readonly Uint8Array[]): ProviderStream {
  const stream = new ProviderStream();
  stream.send(...parts);
  stream.close();
  return stream;
}

describe("a piped stream", () => {
  it("brings what reading it brings: the same events, end, use and deltas, wherever it is cut", async () => {
    const law = fc.asyncProperty(completeStream, async ({ parts }) => {
      const closely = await open(streamOf(parts), false);
      const { text, end } = await readAll(closely);
      const piped = await open(streamOf(parts));
      if (!piped.relay.pipeTo || piped.ended) return;
      const sink = openSink();
      const through = await pipe(piped.relay, sink.writable);
      expect(through?.end).toEqual(end);
      expect(dataOf(sink.text())).toEqual(dataOf(text));
      expect(piped.told).toEqual(closely.told);
    });
    await fc.assert(law, { numRuns: 300 });
  });

  it("ends as reading it ends, where it fails on the way or goes on after its end", async () => {
    const law = fc.asyncProperty(anyStream, async ({ parts }) => {
      const closely = await open(streamOf(parts), false);
      const { text, end } = await readAll(closely);
      const piped = await open(streamOf(parts));
      if (!piped.relay.pipeTo || piped.ended) return;
      const sink = openSink();
      const through = await pipe(piped.relay, sink.writable);
      expect(through?.end).toEqual(end);
      // What has been cut off is ended by whoever says so.
      const sent = dataOf(through?.aligned === true ? sink.text() : `${sink.text()}\n\n`);
      expect(sent.slice(0, dataOf(text).length)).toEqual(dataOf(text));
      expect(piped.told).toEqual(closely.told);
    });
    await fc.assert(law, { numRuns: 300 });
  });

  it("is the very bytes that came", async () => {
    const stream = new ProviderStream();
    stream.send(delta("a"));
    const { relay } = await open(stream);
    const sink = openSink();
    const piped = pipe(relay, sink.writable);
    const rest = `: ping\n\n${delta("Grüße")}${usageOnly}${DONE}`;
    stream.send(rest);
    stream.close();
    expect(await piped).toMatchObject({ end: { ok: true, value: usage }, aligned: true });
    expect(sink.text()).toBe(delta("a") + rest);
    expect(stream.aborts).toBe(1);
  });

  it("lets its sink stay open, and says where an event has been cut off", async () => {
    const stream = new ProviderStream();
    stream.send(delta("a"));
    const { relay, told } = await open(stream);
    const sink = openSink();
    const piped = pipe(relay, sink.writable);
    stream.send('data: {"half');
    await turns();
    stream.break("the connection was lost");
    const broken = { ok: false, error: { code: "upstream_error", reason: "the connection was lost" } };
    expect(await piped).toMatchObject({ end: broken });
    expect(told).toMatchObject([{ end: broken, deltas: 1 }]);
    await sink.writable.getWriter().write(new TextEncoder().encode("more"));
    expect(sink.text()).toContain("more");
  });

  it("gets the end that its provider leaves out, once it has said why it stops", async () => {
    const finish = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\n`;
    for (const [last, sent] of [
      [finish, finish],
      [finish.trimEnd(), finish],
      [finish + usageOnly, finish + usageOnly],
    ] as const) {
      const stream = new ProviderStream();
      stream.send(delta("a"));
      const { relay, told } = await open(stream);
      const sink = openSink();
      const piped = pipe(relay, sink.writable);
      stream.send(last);
      stream.close();
      expect((await piped)?.end.ok).toBe(true);
      expect(sink.text()).toBe(delta("a") + sent + DONE);
      expect(told).toMatchObject([{ end: { ok: true } }]);
    }
  });

  it("is broken where it is not text, as one that is read", async () => {
    const stream = new ProviderStream();
    stream.send(delta("a"));
    const { relay } = await open(stream);
    const piped = pipe(relay, openSink().writable);
    stream.send(new Uint8Array([0x64, 0xff, 0xfe, 0x0a, 0x0a]));
    stream.close();
    expect(await piped).toMatchObject({ end: { ok: false, error: { code: "upstream_invalid_response" } } });
  });

  it("says whether what went out tells its client that it failed, and then ends that event", async () => {
    for (const [last, isTold] of [
      ['data: {"error":{"message":"boom"}}\n\n', true],
      ['data: {"error":{"message":"boom"}}', true],
      ['data: {"error":"boom"}\n\n', false],
      ['{"error":{"message":"boom"}}\n\n', false],
      ['data: {"choices":[{"delta":{},"finish_reason":"error"}]}\n\n', false],
      ["", false],
    ] as const) {
      const stream = new ProviderStream();
      stream.send(delta("a"));
      const { relay } = await open(stream);
      const sink = openSink();
      const piped = pipe(relay, sink.writable);
      stream.send(last);
      stream.close();
      expect(await piped).toMatchObject({ end: { ok: false }, isTold });
      expect(sink.text().endsWith("\n\n")).toBe(true);
    }
  });

  it("may not be piped where what came before it had to be mended", async () => {
    const stream = new ProviderStream();
    stream.send(`data: \n\n${delta("a")}`);
    expect((await open(stream)).relay.pipeTo).toBeUndefined();
    stream.abort();
  });

  it("may not be piped where an event is under way, where it has ended, or where its reader must read it", async () => {
    for (const [mayPipe, part] of [
      [true, `${delta("a")}data: {`],
      [true, delta("a") + DONE],
      [false, delta("a")],
    ] as const) {
      const stream = new ProviderStream();
      stream.send(part);
      expect((await open(stream, mayPipe)).relay.pipeTo).toBeUndefined();
      stream.abort();
    }
  });
});

describe("a piped stream whose client leaves", () => {
  it("ends its call, and is nobody's failure", async () => {
    const stream = new ProviderStream();
    stream.send(delta("a"));
    const { relay, told } = await open(stream);
    const sink = openSink();
    const piped = pipe(relay, sink.writable);
    stream.send(delta("b"));
    await turns();
    sink.leave();
    stream.send(delta("c"));
    expect(await piped).toBeUndefined();
    expect(stream.aborts).toBeGreaterThan(0);
    expect(told).toMatchObject([{ end: undefined }]);
  });

  it("is told once where it leaves before the first bytes are sent", async () => {
    const stream = new ProviderStream();
    stream.send(delta("a"));
    const { relay, told } = await open(stream);
    const sink = openSink();
    sink.leave();
    await expect(pipe(relay, sink.writable)).rejects.toThrow("the client has left");
    await relay.return({ ok: false, error: { code: "client_closed" } });
    await relay.return({ ok: false, error: { code: "client_closed" } });
    expect(told).toEqual([{ end: undefined, deltas: 1 }]);
    expect(stream.aborts).toBeGreaterThan(0);
  });
});

describe("a piped stream and time", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets time pass in small steps, with turns in between for what they set off. */
  async function pass(ms: number, each: () => void = () => {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      each();
      await vi.advanceTimersByTimeAsync(50);
      await turns(3);
    }
  }

  async function openPiped(quietMs: number, pace?: Pace) {
    const stream = new ProviderStream(quietMs);
    stream.send(delta("first"));
    const { relay, told } = await open(stream, true, pace);
    const sink = openSink();
    let end: PipeEnd | undefined;
    void pipe(relay, sink.writable).then((given) => (end = given));
    await turns();
    return { stream, told, sink, end: () => end };
  }

  it.each([300, 1000, 3000, 60_000])(
    "lives as long as its provider speaks, however short its silence may be: %i ms",
    async (quietMs) => {
      const { stream, told, end } = await openPiped(quietMs);
      await pass(3 * Math.min(quietMs, 5000), () => stream.send(delta("x")));
      expect(told).toEqual([]);
      stream.send(DONE);
      stream.close();
      await turns();
      expect(end()).toMatchObject({ end: { ok: true } });
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it.each([300, 1000, 3000, 10_000])(
    "ends when its provider has been silent too long, and not much later: %i ms",
    async (quietMs) => {
      const { stream, told, end } = await openPiped(quietMs);
      await pass(quietMs, () => stream.send(delta("x")));
      await pass(quietMs - 50);
      expect(told).toEqual([]);
      await pass(Math.min(quietMs / 2, 2000) + 100);
      const late = { ok: false, error: { code: "upstream_timeout", reason: "quiet" } };
      expect(end()).toMatchObject({ end: late, aligned: true });
      expect(told).toMatchObject([{ end: late }]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it.each([": ping\n\n", delta("")])("is silent where its provider only sends %j", async (alive) => {
    const { stream, told, end } = await openPiped(3000);
    await pass(2900, () => stream.send(alive));
    expect(told).toEqual([]);
    await pass(300, () => stream.send(alive));
    expect(end()).toMatchObject({ end: { ok: false, error: { code: "upstream_timeout" } } });
    expect(vi.getTimerCount()).toBe(0);
  });

  /** Ten events a second, three seconds behind at most. */
  const PACE = { quietMs: 3000, minPerSecond: 10 };

  it("lives as long as its provider keeps the pace that is asked of it, at each look or between two", async () => {
    const { stream, told, end } = await openPiped(60_000, PACE);
    await pass(4000, () => stream.send(delta("x")));
    await pass(2500);
    await pass(8000, () => stream.send(delta("x")));
    expect(told).toEqual([]);
    stream.send(DONE);
    stream.close();
    await turns();
    expect(end()).toMatchObject({ end: { ok: true } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends where its provider falls behind that pace, although it is never silent for long", async () => {
    const { stream, told, end } = await openPiped(60_000, PACE);
    let at = 0;
    // Five a second.
    const speak = () => (at++ % 4 === 0 ? stream.send(delta("x")) : undefined);
    await pass(4000, speak);
    expect(told).toEqual([]);
    await pass(3000, speak);
    const slow = { ok: false, error: { code: "upstream_timeout", reason: "slow" } };
    expect(end()).toMatchObject({ end: slow, aligned: true });
    expect(told).toMatchObject([{ end: slow }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not keep its client waiting for a provider that goes on after its end", async () => {
    const { stream, told, sink, end } = await openPiped(60_000);
    stream.send(delta("b") + usageOnly + DONE);
    await pass(3100);
    expect(end()).toMatchObject({ end: { ok: true, value: usage }, aligned: true });
    expect(told).toEqual([{ end: { ok: true, value: usage }, deltas: 2 }]);
    expect(sink.text()).toBe(delta("first") + delta("b") + usageOnly + DONE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer where its client leaves", async () => {
    const { stream, told, sink } = await openPiped(60_000);
    await pass(2100, () => stream.send(delta("x")));
    sink.leave();
    stream.send(delta("y"));
    await pass(50);
    expect(told).toMatchObject([{ end: undefined }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has its copy read until that has caught up, and not on and on where its client does not take it", async () => {
    let heard = 0;
    const counting: EventReader = (event) => {
      heard += event.data.length;
      return read(event);
    };
    const stream = new ProviderStream();
    stream.send(delta("first"));
    const relay = relayEvents(stream, counting, { mayPipe: () => true });
    await relay.begin();
    let written = 0;
    const stalled = new WritableStream<Uint8Array>({
      write: () => (written++ === 0 ? undefined : new Promise(() => {})),
    });
    void pipe(relay, stalled);
    const event = delta("x".repeat(10_000));
    stream.send(event.repeat(50));
    await pass(2100);
    expect(heard).toBeGreaterThan(500_000);
    stream.send(event.repeat(300));
    heard = 0;
    await pass(2000);
    expect(heard).toBeGreaterThan(900_000);
    expect(heard).toBeLessThan(1_100_000);
    stream.abort();
    await pass(2100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
