import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Piece, Pieces } from "../../../worker/domain/answers/answer-body.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import { BEAT_MS, Flight, Flights } from "../../../worker/streams/flights.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => Date.now();
const openFlight = () => new Flight<string>(now);
const piece = (text: string): Piece => ({
  bytes: new TextEncoder().encode(text),
  usageOnly: false,
  deltas: 1,
});

const LATE = err({ code: "deadline_exceeded" as const });

/** Long enough without a beat for a leading request to count as stopped. */
const DEATH_MS = 5 * BEAT_MS;

/** All that a reader reads, and how it ended. */
async function readAll(pieces: Pieces) {
  const texts: string[] = [];
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { texts, end: next.value };
    texts.push(new TextDecoder().decode(next.value.bytes));
  }
}

describe("requests that share a flight", () => {
  it("all get the same head", async () => {
    const flight = openFlight();
    const readers = [flight.waitForHead(), flight.waitForHead(), flight.waitForHead()];
    flight.begin(ok("head"));
    expect(await Promise.all(readers)).toEqual(Array(3).fill(ok("head")));
    expect(await flight.waitForHead()).toEqual(ok("head"));
  });

  it("all get every piece from the start, whenever they join", async () => {
    const flight = openFlight();
    const early = readAll(flight.read());
    flight.add(piece("a"));
    await vi.advanceTimersByTimeAsync(1);
    const late = readAll(flight.read());
    flight.add(piece("b"));
    flight.add(piece("c"));
    flight.finish(ok(null));
    const last = readAll(flight.read());
    const all = { texts: ["a", "b", "c"], end: ok(null) };
    expect(await Promise.all([early, late, last])).toEqual([all, all, all]);
  });

  it("get each piece as it comes, not when all have come", async () => {
    const flight = openFlight();
    const pieces = flight.read();
    flight.add(piece("a"));
    expect(await pieces.next()).toEqual({ done: false, value: piece("a") });
    const second = pieces.next();
    flight.add(piece("b"));
    expect(await second).toEqual({ done: false, value: piece("b") });
  });

  it("read at their own pace: one that leaves or is slow does not delay the others", async () => {
    const flight = openFlight();
    const [leaver, dawdler] = [flight.read(), flight.read()];
    flight.add(piece("a"));
    await leaver.next();
    await leaver.return(ok(null));
    await dawdler.next();
    flight.add(piece("b"));
    flight.finish(ok({ total_tokens: 3 }));
    expect(await readAll(flight.read())).toEqual({ texts: ["a", "b"], end: ok({ total_tokens: 3 }) });
    await vi.advanceTimersByTimeAsync(DEATH_MS);
    expect(await readAll(dawdler)).toEqual({ texts: ["b"], end: ok({ total_tokens: 3 }) });
  });

  it("leave no timer behind", async () => {
    const flight = openFlight();
    const readers = [flight.waitForHead(), readAll(flight.read())];
    flight.begin(ok("head"));
    flight.finish(ok(null));
    await Promise.all(readers);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("each see a failure before the first byte once", async () => {
    const flight = openFlight();
    const failed = err({ code: "upstream_error" as const });
    const readers = [flight.waitForHead(), flight.waitForHead()];
    flight.begin(failed);
    expect(await Promise.all(readers)).toEqual([failed, failed]);
  });

  it("each see a failure after the first byte once, after the pieces that came", async () => {
    const flight = openFlight();
    const failed = err({ code: "upstream_error" as const, reason: "reset" });
    const readers = [readAll(flight.read()), readAll(flight.read())];
    flight.add(piece("a"));
    flight.finish(failed);
    const seen = { texts: ["a"], end: failed };
    expect(await Promise.all(readers)).toEqual([seen, seen]);
  });
});

describe("a reader's own deadline", () => {
  it("ends its wait in time, and nobody else's", async () => {
    const flight = openFlight();
    flight.join(now() + 60_000);
    const [hasty, patient] = [flight.waitForHead({ deadlineAt: now() + 300 }), flight.waitForHead({})];
    flight.beat();
    await vi.advanceTimersByTimeAsync(300);
    expect(await hasty).toEqual(LATE);
    flight.begin(ok("head"));
    expect(await patient).toEqual(ok("head"));
    expect(await flight.waitForHead({ deadlineAt: now() - 1 })).toEqual(ok("head"));
  });

  it("ends a stream that has begun by an error, even one that never pauses", async () => {
    const flight = openFlight();
    flight.join(now() + 60_000);
    const reading = readAll(flight.read({ deadlineAt: now() + 1500 }));
    const silent = readAll(flight.read({ own: true, deadlineAt: now() + 250 }));
    for (let at = 0; at < 20; at++) {
      flight.beat();
      if (at % 10 === 0) flight.add(piece("a"));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(await reading).toEqual({ texts: ["a", "a"], end: LATE });
    expect(await silent).toEqual({ texts: ["a"], end: LATE });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not cut what is there already to its end", async () => {
    const flight = openFlight();
    flight.add(piece("a"));
    flight.finish(ok(null));
    expect(await readAll(flight.read({ deadlineAt: now() - 1 }))).toEqual({ texts: ["a"], end: ok(null) });
  });

  it("is the call's where the leading request waits longest: the call's own end tells more", async () => {
    const flight = openFlight();
    const deadlineAt = now() + 300;
    flight.join(deadlineAt);
    const own = flight.waitForHead({ own: true, deadlineAt });
    await vi.advanceTimersByTimeAsync(400);
    const failed = err({ code: "deadline_exceeded" as const, attempts: 2 });
    flight.begin(failed);
    expect(await own).toEqual(failed);
  });

  it("is its own again once another joins who waits longer, and the call lasts as long as that", async () => {
    const flight = openFlight();
    const deadlineAt = now() + 300;
    flight.join(deadlineAt);
    const own = flight.waitForHead({ own: true, deadlineAt });
    await vi.advanceTimersByTimeAsync(100);
    flight.join(now() + 60_000);
    expect(flight.deadline.at).toBe(now() + 60_000);
    flight.join(now() + 5000);
    expect(flight.deadline.at).toBe(now() + 60_000);
    await vi.advanceTimersByTimeAsync(200);
    expect(await own).toEqual(LATE);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a leading request that is stopped", () => {
  it("before the first byte ends the wait of its readers, so that another can lead", async () => {
    const flight = openFlight();
    const readers = [flight.waitForHead(), flight.waitForHead()];
    await vi.advanceTimersByTimeAsync(DEATH_MS);
    expect(await Promise.all(readers)).toEqual([undefined, undefined]);
    expect(await flight.waitForHead()).toBeUndefined();
  });

  it("after the first byte breaks the stream of each reader, with all that came before", async () => {
    const flight = openFlight();
    const readers = [readAll(flight.read()), readAll(flight.read())];
    flight.add(piece("a"));
    await vi.advanceTimersByTimeAsync(DEATH_MS);
    const broken = { texts: ["a"], end: { ok: false, error: { code: "upstream_error" } } };
    expect(await Promise.all(readers)).toMatchObject([broken, broken]);
  });

  it("still counts as running while it says so, however long it sends nothing", async () => {
    const flight = openFlight();
    let boarded = false;
    const reader = flight.waitForHead().finally(() => {
      boarded = true;
    });
    for (let beats = 0; beats < 100; beats++) {
      flight.beat();
      await vi.advanceTimersByTimeAsync(BEAT_MS);
    }
    expect(boarded).toBe(false);
    flight.begin(ok("late"));
    expect(await reader).toEqual(ok("late"));
  });

  it("may be late by some beats", () => {
    const flight = openFlight();
    vi.advanceTimersByTime(3 * BEAT_MS);
    expect(flight.lives()).toBe(true);
    vi.advanceTimersByTime(BEAT_MS);
    expect(flight.lives()).toBe(false);
  });
});

describe("Flights", () => {
  it("gives the flight to join under its key and no other", () => {
    const flights = new Flights<string>(now);
    const flight = flights.open("key");
    expect(flights.get("key")).toBe(flight);
    expect(flights.get("other")).toBeUndefined();
  });

  it("forgets a flight that has ended", () => {
    const flights = new Flights<string>(now);
    flights.close("key", flights.open("key"));
    expect(flights.get("key")).toBeUndefined();
  });

  it("does not offer one whose leading request was stopped, and lets another replace it", () => {
    const flights = new Flights<string>(now);
    const dead = flights.open("key");
    vi.advanceTimersByTime(DEATH_MS);
    expect(flights.get("key")).toBeUndefined();
    const next = flights.open("key");
    flights.close("key", dead);
    expect(flights.get("key")).toBe(next);
  });

  it("shares no more than a thousand at once; further calls are not shared", () => {
    const flights = new Flights<string>(now);
    for (let at = 0; at < 1000; at++) flights.open(`key ${at}`);
    const unshared = flights.open("one more");
    unshared.begin(ok("head"));
    expect(flights.get("one more")).toBeUndefined();
    expect(flights.get("key 0")).toBeDefined();
  });

  it("makes room by dropping those whose leading request was stopped", () => {
    const flights = new Flights<string>(now);
    for (let at = 0; at < 1000; at++) flights.open(`key ${at}`);
    vi.advanceTimersByTime(DEATH_MS);
    const flight = flights.open("one more");
    expect(flights.get("one more")).toBe(flight);
  });
});
