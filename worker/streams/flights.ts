import type { GatewayError } from "../contract/errors.ts";
import type { Piece, PieceGenerator, StreamEnd } from "../domain/answers/answer-body.ts";
import { Deadline } from "../domain/requests/deadline.ts";
import { err, type Result } from "../domain/result.ts";

/** How one request waits for a flight, or reads from it. */
export interface Waiting {
  /** It is the one that leads, which need not check whether it still runs. */
  readonly own?: boolean;
  /** Until when it waits, in milliseconds since the epoch; where absent, as long as the flight lasts. */
  readonly deadlineAt?: number;
}

/**
 * A call in progress that identical requests share. The request that leads it reads the provider's answer and
 * writes it here; all requests, the leading one included, read it here at their own pace, from the start.
 * Bytes are shared, never a Response: the platform ties a Response to the request that made it.
 */
export class Flight<Head> {
  readonly #now: () => number;
  /** The call's: that of the request that waits longest. */
  readonly deadline: Deadline;
  #head: Result<Head, GatewayError> | undefined;
  #end: StreamEnd | undefined;
  /** All that has come so far. */
  readonly pieces: Piece[] = [];
  #change = Promise.withResolvers<void>();
  #seenAt: number;
  /** Requests that wait for this call or read from it, the leader's own among them. */
  readers = 0;

  constructor(now: () => number, deadline = new Deadline(0)) {
    this.#now = now;
    this.#seenAt = now();
    this.deadline = deadline;
    deadline.hear(() => this.#wake());
  }

  /** Counts a reader; the call lasts as long as it waits. */
  join(deadlineAt: number): void {
    this.readers++;
    this.deadline.extend(deadlineAt);
  }

  /** Notes that the leading request still runs. */
  beat(): void {
    this.#seenAt = this.#now();
  }

  /** The answer has begun (and for a whole answer also ended), or there will be none. */
  begin(head: Result<Head, GatewayError>): void {
    this.#head = head;
    this.#wake();
  }

  add(piece: Piece): void {
    this.pieces.push(piece);
    this.#wake();
  }

  finish(end: StreamEnd): void {
    this.#end = end;
    this.#wake();
  }

  /**
   * Waits for the head; undefined where the leading request was stopped before there was one, so that another
   * has to lead.
   */
  async waitForHead(waiting: Waiting = {}): Promise<Result<Head, GatewayError> | undefined> {
    while (!this.#head && this.#isWorthWaiting(waiting)) await this.#nextChange(waiting);
    return this.#head ?? (this.#isLate(waiting) ? LATE : undefined);
  }

  /** Reads the stream from its first event. */
  async *read(waiting: Waiting = {}): PieceGenerator {
    for (let at = 0; ; at++) {
      const isNext = () => at < this.pieces.length || this.#end !== undefined;
      while (!isNext() && this.#isWorthWaiting(waiting)) await this.#nextChange(waiting);
      if (!this.#end && this.#isLate(waiting)) return LATE;
      const piece = this.pieces[at];
      if (piece) yield piece;
      else return this.#end ?? err({ code: "upstream_error", reason: "the leader of the flight died" });
    }
  }

  /** Whether the leading request has noted lately that it still runs. */
  lives(): boolean {
    return this.#now() - this.#seenAt < DEAD_AFTER_MS;
  }

  #isWorthWaiting(waiting: Waiting): boolean {
    return !this.#isLate(waiting) && (waiting.own === true || this.lives());
  }

  #isLate(waiting: Waiting): boolean {
    return this.#now() >= this.#waitsUntil(waiting);
  }

  /**
   * Where the leading request is the one that waits longest, its deadline is the call's, whose end then tells
   * more than its own clock could.
   */
  #waitsUntil({ own, deadlineAt = Infinity }: Waiting): number {
    return own === true && deadlineAt >= this.deadline.at ? Infinity : deadlineAt;
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** A promise made by a request that was stopped may never settle, so others check again after a while. */
  async #nextChange(waiting: Waiting): Promise<void> {
    const leftMs = this.#waitsUntil(waiting) - this.#now();
    const waitMs = waiting.own === true ? leftMs : Math.min(leftMs, BEAT_MS);
    if (waitMs === Infinity) return this.#change.promise;
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, waitMs);
    await Promise.race([this.#change.promise, pause.promise]);
    clearTimeout(timer);
  }
}

const LATE = err({ code: "deadline_exceeded" as const });

export const BEAT_MS = 1000;
const DEAD_AFTER_MS = 4 * BEAT_MS;
/** Past this many calls at once, further ones are not shared. */
const MAX_FLIGHTS = 1000;

/** The isolate's calls in progress, by cache key. */
export class Flights<Head> {
  readonly #flights = new Map<string, Flight<Head>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The flight to join, if there is one and its leading request still runs. */
  get(key: string): Flight<Head> | undefined {
    const flight = this.#flights.get(key);
    return flight?.lives() ? flight : undefined;
  }

  /**
   * Opens a flight under a key; it replaces one whose leading request was stopped, or that may not be joined.
   */
  open(key: string): Flight<Head> {
    const flight = new Flight<Head>(this.#now);
    if (this.#flights.size >= MAX_FLIGHTS) this.#dropDead();
    if (this.#flights.size < MAX_FLIGHTS) this.#flights.set(key, flight);
    return flight;
  }

  #dropDead(): void {
    for (const [key, flight] of this.#flights) if (!flight.lives()) this.#flights.delete(key);
  }

  close(key: string, flight: Flight<Head>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
