import type { GatewayError } from "../contract/errors.ts";
import type { Piece, PieceGenerator, StreamEnd } from "../domain/answers/answer-body.ts";
import { err, type Result } from "../domain/result.ts";

/**
 * A call in progress that identical requests share. The request that leads it reads the provider's answer and
 * writes it here; all requests, the leading one included, read it here at their own pace, from the start.
 * Bytes are shared, never a Response: the platform ties a Response to the request that made it.
 */
export class Flight<Head> {
  readonly #now: () => number;
  #head: Result<Head, GatewayError> | undefined;
  #end: StreamEnd | undefined;
  /** All that has come so far. */
  readonly pieces: Piece[] = [];
  #change = Promise.withResolvers<void>();
  #seenAt: number;
  /** Requests that wait for this call or read from it, the leader's own among them. */
  readers = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#seenAt = now();
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
   * has to lead. `own`: the leading request itself waits, which need not check whether it still runs.
   */
  async waitForHead(own = false): Promise<Result<Head, GatewayError> | undefined> {
    while (!this.#head && this.#isWorthWaiting(own)) await this.#nextChange(own);
    return this.#head;
  }

  /** Reads the stream from its first event. */
  async *read(own = false): PieceGenerator {
    for (let at = 0; ; at++) {
      while (at >= this.pieces.length && !this.#end && this.#isWorthWaiting(own)) await this.#nextChange(own);
      const piece = this.pieces[at];
      if (piece) yield piece;
      else return this.#end ?? err({ code: "upstream_error", reason: "the leader of the flight died" });
    }
  }

  /** Whether the leading request has noted lately that it still runs. */
  lives(): boolean {
    return this.#now() - this.#seenAt < DEAD_AFTER_MS;
  }

  #isWorthWaiting(own: boolean): boolean {
    return own || this.lives();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** A promise made by a request that was stopped may never settle, so others check again after a while. */
  async #nextChange(own: boolean): Promise<void> {
    if (own) return this.#change.promise;
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, BEAT_MS);
    await Promise.race([this.#change.promise, pause.promise]);
    clearTimeout(timer);
  }
}

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
