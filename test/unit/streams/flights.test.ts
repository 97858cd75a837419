import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Piece, Pieces } from "../../../worker/domain/answers/answer-body.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import { BEAT_MS, Flight, type Waiting } from "../../../worker/streams/flight.ts";
import { Flights } from "../../../worker/streams/flights.ts";
import { HeldBytes } from "../../../worker/domain/answers/held-bytes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => Date.now();
const openFlight = (held = new HeldBytes(now), tenant = "acme") =>
  new Flight<string>({ now, hold: (letGo) => held.open(tenant, letGo) });
/** One more that reads. */
const read = (flight: Flight<string>, waiting?: Waiting) => flight.read(flight.join(0), waiting);
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
    const early = readAll(read(flight));
    flight.add(piece("a"));
    await vi.advanceTimersByTimeAsync(1);
    const late = readAll(read(flight));
    flight.add(piece("b"));
    flight.add(piece("c"));
    flight.finish(ok(null));
    const last = readAll(read(flight));
    const all = { texts: ["a", "b", "c"], end: ok(null) };
    expect(await Promise.all([early, late, last])).toEqual([all, all, all]);
  });

  it("get each piece as it comes, not when all have come", async () => {
    const flight = openFlight();
    const pieces = read(flight);
    flight.add(piece("a"));
    expect(await pieces.next()).toEqual({ done: false, value: piece("a") });
    const second = pieces.next();
    flight.add(piece("b"));
    expect(await second).toEqual({ done: false, value: piece("b") });
  });

  it("read at their own pace: one that leaves or is slow does not delay the others", async () => {
    const flight = openFlight();
    const [leaver, dawdler] = [read(flight), read(flight)];
    flight.add(piece("a"));
    await leaver.next();
    await leaver.return(ok(null));
    await dawdler.next();
    flight.add(piece("b"));
    flight.finish(ok({ total_tokens: 3 }));
    expect(await readAll(read(flight))).toEqual({ texts: ["a", "b"], end: ok({ total_tokens: 3 }) });
    await vi.advanceTimersByTimeAsync(DEATH_MS);
    expect(await readAll(dawdler)).toEqual({ texts: ["b"], end: ok({ total_tokens: 3 }) });
  });

  it("leave no timer behind", async () => {
    const flight = openFlight();
    const readers = [flight.waitForHead(), readAll(read(flight))];
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
    const readers = [readAll(read(flight)), readAll(read(flight))];
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
    const reading = readAll(read(flight, { deadlineAt: now() + 1500 }));
    const silent = readAll(read(flight, { own: true, deadlineAt: now() + 250 }));
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
    expect(await readAll(read(flight, { deadlineAt: now() - 1 }))).toEqual({ texts: ["a"], end: ok(null) });
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
    const readers = [readAll(read(flight)), readAll(read(flight))];
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

describe("where there is no room for all of a stream", () => {
  const LIMIT = 200_000;
  const large = piece("x".repeat(50_000));
  const goOn = { signal: new AbortController().signal };
  const fill = async (flight: Flight<string>, times: number) => {
    for (let at = 0; at < times; at++) {
      flight.add(large);
      if (flight.isFull) await flight.makeRoom(goOn);
    }
  };

  it("what all have read is let go first: nothing is recorded, and nobody joins any more", async () => {
    const flights = new Flights<string>(now, new HeldBytes(now, LIMIT));
    const flight = flights.open("key", "acme");
    const pieces = flight.read(flight.join(now() + 60_000));
    for (let at = 0; at < 20; at++) {
      await fill(flight, 1);
      expect((await pieces.next()).value).toBe(large);
    }
    expect([flight.isWhole, flight.recorded, flights.get("key")]).toEqual([false, undefined, undefined]);
    flight.finish(ok(null));
    expect(await pieces.next()).toEqual({ done: true, value: ok(null) });
  });

  it("then the reader that is furthest behind is told so, and the others read on", async () => {
    const held = new HeldBytes(now, LIMIT);
    const flight = openFlight(held);
    const places = [flight.join(now() + 60_000), flight.join(now() + 60_000)] as const;
    const [quick, slow] = [flight.read(places[0]), flight.read(places[1])];
    for (let at = 0; at < 10; at++) {
      await fill(flight, 1);
      await quick.next();
    }
    expect(await readAll(slow)).toMatchObject({
      texts: [],
      end: { ok: false, error: { code: "overloaded" } },
    });
    flight.finish(ok(null));
    expect(await quick.next()).toEqual({ done: true, value: ok(null) });
    flight.release();
    for (const place of places) flight.leave(place);
    expect(held.total).toBe(0);
  });

  it("else the answer waits until it is read, and no longer than the call lasts", async () => {
    const held = new HeldBytes(now, LIMIT);
    const flight = openFlight(held);
    const pieces = flight.read(flight.join(now() + 60_000));
    const filling = fill(flight, 8);
    await vi.advanceTimersByTimeAsync(5000);
    expect(held.total).toBeLessThan(LIMIT + 60_000);
    for (let at = 0; at < 8; at++) {
      expect((await pieces.next()).done).toBe(false);
      await vi.advanceTimersByTimeAsync(100);
    }
    await filling;
    const late = fill(flight, 8);
    await vi.advanceTimersByTimeAsync(60_000);
    await late;
  });

  it("a reader that has not moved for half a minute lets go where another tenant needs the room", async () => {
    const held = new HeldBytes(now, LIMIT);
    const [stuck, other] = [openFlight(held), openFlight(held, "other")];
    const pieces = stuck.read(stuck.join(now() + 60_000));
    await fill(stuck, 3);
    stuck.finish(ok(null));
    stuck.release();
    await vi.advanceTimersByTimeAsync(31_000);
    other.join(now() + 60_000);
    await fill(other, 3);
    expect(other.isWhole).toBe(true);
    expect((await readAll(pieces)).end).toMatchObject({ error: { code: "overloaded" } });
  });

  it("what must be kept waits for others, for as long as it is told to", async () => {
    const held = new HeldBytes(now, LIMIT);
    const other = held.open("acme");
    const flight = openFlight(held);
    other.grow(LIMIT);
    flight.add(large);
    const waiting = flight.makeRoom({ ...goOn, mustKeep: true, until: now() + 10_000 });
    await vi.advanceTimersByTimeAsync(5000);
    other.close();
    await vi.advanceTimersByTimeAsync(100);
    await waiting;
    expect([flight.isFull, flight.recorded?.length]).toEqual([false, 1]);
  });
});

describe("Flights", () => {
  it("gives the flight to join under its key and no other", () => {
    const flights = new Flights<string>(now);
    const flight = flights.open("key", "acme");
    expect(flights.get("key")).toBe(flight);
    expect(flights.get("other")).toBeUndefined();
  });

  it("forgets a flight that has ended", () => {
    const flights = new Flights<string>(now);
    flights.close("key", flights.open("key", "acme"));
    expect(flights.get("key")).toBeUndefined();
  });

  it("does not offer one whose leading request was stopped, and lets another replace it", () => {
    const flights = new Flights<string>(now);
    const dead = flights.open("key", "acme");
    vi.advanceTimersByTime(DEATH_MS);
    expect(flights.get("key")).toBeUndefined();
    const next = flights.open("key", "acme");
    flights.close("key", dead);
    expect(flights.get("key")).toBe(next);
  });

  it("shares a thousand at once: past that, who has most shares its oldest no longer", () => {
    const flights = new Flights<string>(now);
    flights.open("theirs", "other");
    for (let at = 0; at < 1100; at++) flights.open(`key ${at}`, "acme");
    expect(flights.get("theirs")).toBeDefined();
    const flight = flights.open("one more", "other");
    expect(flights.get("one more")).toBe(flight);
    expect([flights.get("key 101"), flights.get("key 102")]).toEqual([undefined, expect.any(Flight)]);
  });

  it("makes room by dropping those whose leading request was stopped", () => {
    const flights = new Flights<string>(now);
    for (let at = 0; at < 1000; at++) flights.open(`key ${at}`, "acme");
    vi.advanceTimersByTime(DEATH_MS);
    const flight = flights.open("one more", "other");
    expect(flights.get("one more")).toBe(flight);
  });
});
