import type { GatewayError } from "../contract/errors.ts";
import type { Piece, PieceGenerator, StreamEnd } from "../domain/answers/answer-body.ts";
import { Deadline } from "../domain/requests/deadline.ts";
import { err, type Result } from "../domain/result.ts";
import type { Hold } from "../domain/answers/held-bytes.ts";
import { type Place, SharedPieces } from "./shared-pieces.ts";

/** How one request waits for a flight, or reads from it. */
export interface Waiting {
  /** It is the one that leads, which need not check whether it still runs. */
  readonly own?: boolean;
  /** Until when it waits, in milliseconds since the epoch; where absent, as long as the flight lasts. */
  readonly deadlineAt?: number;
}

export interface FlightOptions {
  readonly now: () => number;
  /** Opens the account of what the flight holds. */
  readonly hold: (letGo: () => void) => Hold;
  readonly deadline?: Deadline;
}

/** How often a leading request looks whether there is room for more of its answer. */
const LOOK_MS = 50;

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
  readonly #pieces: SharedPieces;
  #change = Promise.withResolvers<void>();
  #seenAt: number;

  constructor({ now, hold, deadline = new Deadline(0) }: FlightOptions) {
    this.#now = now;
    this.#seenAt = now();
    this.#pieces = new SharedPieces(hold);
    this.deadline = deadline;
    deadline.hear(() => this.#wake());
  }

  /** Requests that wait for this call or read from it, the leader's own among them. */
  get readers(): number {
    return this.#pieces.readers;
  }

  /** Whether all of the answer that has come is here, so that others may join. */
  get isWhole(): boolean {
    return this.#pieces.isWhole;
  }

  /** All that has come; undefined where there was no room to keep it. */
  get recorded(): readonly Piece[] | undefined {
    return this.#pieces.all;
  }

  /** Adds a reader; the call lasts as long as it waits. `reads`: false where it only keeps the call going. */
  join(deadlineAt: number, reads = true): Place {
    this.deadline.extend(deadlineAt);
    return this.#pieces.enter(reads);
  }

  leave(place: Place): void {
    this.#pieces.leave(place);
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
    this.#pieces.add(piece);
    this.#wake();
  }

  /** Whether no more of the answer may come in before there is room. */
  get isFull(): boolean {
    return this.#pieces.isOver;
  }

  /**
   * Waits until the isolate has room for more of the answer, or the signal aborts. What is kept for others goes
   * first, unless it must be kept; then readers that are far behind; else the answer waits for who reads it.
   */
  async makeRoom({ signal, mustKeep = false, until = this.deadline.at }: Room): Promise<void> {
    while (this.isFull && !signal.aborted && this.#now() < until) {
      if (!mustKeep && this.#pieces.giveWay()) continue;
      await pause(LOOK_MS);
    }
  }

  /** The leading request is done: nobody may join any more, and what all have read is let go. */
  release(): void {
    this.#pieces.release();
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

  /** Reads the stream from where the reader is: its first event, to begin with. */
  async *read(place: Place, waiting: Waiting = {}): PieceGenerator {
    for (;;) {
      const isNext = () => place.isCut || this.#pieces.hasNext(place) || this.#end !== undefined;
      while (!isNext() && this.#isWorthWaiting(waiting)) await this.#nextChange(waiting);
      if (place.isCut) return TOO_SLOW;
      if (!this.#end && this.#isLate(waiting)) return LATE;
      const piece = this.#pieces.next(place);
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
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, waitMs);
    await Promise.race([this.#change.promise, over.promise]);
    clearTimeout(timer);
  }
}

/** What a request for room is given for. */
interface Room {
  readonly signal: AbortSignal;
  /** All of the answer is needed in the end. */
  readonly mustKeep?: boolean;
  /** How long to wait, in milliseconds since the epoch; as long as the call lasts where absent. */
  readonly until?: number;
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}

const LATE = err({ code: "deadline_exceeded" as const });
const TOO_SLOW = err({
  code: "overloaded" as const,
  message: "The answer was read too slowly to be kept any longer.",
  reason: "a reader was cut",
});

export const BEAT_MS = 1000;
const DEAD_AFTER_MS = 4 * BEAT_MS;
