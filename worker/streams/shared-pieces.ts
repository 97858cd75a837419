import type { Piece } from "../domain/answers/answer-body.ts";
import type { Hold } from "../domain/answers/held-bytes.ts";

/** Where one reader is. */
export interface Place {
  /** How many pieces it has read. */
  at: number;
  /** It fell too far behind, and gets no more. */
  isCut: boolean;
  /** False for what only keeps the stream going. */
  readonly reads: boolean;
}

/** What a piece takes besides its bytes, about. */
const OVERHEAD_BYTES = 200;
/** A reader that is less behind than this is not slow, only not yet awake. */
const MIN_LAG_BYTES = 64 * 1024;

/**
 * The pieces of a stream that several read at their own pace, each from the first on; all are kept, for the cache and
 * for those who join later, as long as there is room. Pure but for the account of its bytes.
 */
export class SharedPieces {
  readonly #hold: Hold;
  readonly #places = new Set<Place>();
  readonly #pieces: Piece[] = [];
  /** How many pieces came before the first that is still here. */
  #gone = 0;
  #isWhole = true;
  #isReleased = false;

  constructor(open: (letGo: () => void) => Hold) {
    this.#hold = open(() => this.#cutStalled());
  }

  /** Whether all that came is still here, so that another may join. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether there is no room for more. */
  get isOver(): boolean {
    return this.#hold.isOver;
  }

  get readers(): number {
    return this.#places.size;
  }

  /** All pieces; undefined where some were let go. */
  get all(): readonly Piece[] | undefined {
    return this.#isWhole ? this.#pieces : undefined;
  }

  enter(reads: boolean): Place {
    const place = { at: this.#gone, isCut: false, reads };
    this.#places.add(place);
    return place;
  }

  leave(place: Place): void {
    this.#places.delete(place);
    this.#dropRead();
    this.#closeIfDone();
  }

  add(piece: Piece): void {
    this.#pieces.push(piece);
    this.#hold.grow(sizeOfPiece(piece));
  }

  hasNext({ at }: Place): boolean {
    return at < this.#gone + this.#pieces.length;
  }

  next(place: Place): Piece | undefined {
    const piece = this.#pieces[place.at - this.#gone];
    if (!piece) return undefined;
    place.at++;
    this.#dropRead();
    return piece;
  }

  /**
   * Makes room: first what is kept for those who may join, and for the cache; then the reader that is furthest
   * behind. False where there is nothing left to let go: the readers have to read on first.
   */
  giveWay(): boolean {
    if (!this.#isWhole) return this.#cutSlowest();
    this.#isWhole = false;
    this.#dropRead();
    return true;
  }

  /** The stream has ended, and nobody is to join: what all have read is let go. */
  release(): void {
    this.#isWhole = false;
    this.#isReleased = true;
    this.#dropRead();
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#isReleased && this.#places.size === 0) this.#hold.close();
  }

  #reading(): Place[] {
    return [...this.#places].filter(({ reads, isCut }) => reads && !isCut);
  }

  #dropRead(): void {
    if (this.#isWhole) return;
    const end = this.#gone + this.#pieces.length;
    const slowest = Math.min(end, ...this.#reading().map(({ at }) => at));
    const dropped = this.#pieces.splice(0, slowest - this.#gone);
    this.#gone = slowest;
    if (dropped.length > 0) this.#hold.grow(-dropped.reduce((sum, piece) => sum + sizeOfPiece(piece), 0));
  }

  #cutSlowest(): boolean {
    const [slowest, next] = this.#reading().toSorted((one, other) => one.at - other.at);
    if (!slowest || !next || this.#sizeBetween(slowest.at, next.at) < MIN_LAG_BYTES) return false;
    this.#cut([slowest]);
    return true;
  }

  /** Those who are behind, and have not moved. */
  #cutStalled(): void {
    this.#cut(this.#reading().filter((place) => this.hasNext(place)));
  }

  #cut(places: readonly Place[]): void {
    for (const place of places) place.isCut = true;
    this.#dropRead();
  }

  #sizeBetween(from: number, to: number): number {
    return this.#pieces
      .slice(from - this.#gone, to - this.#gone)
      .reduce((sum, piece) => sum + sizeOfPiece(piece), 0);
  }
}

/** What holding a piece takes. */
export const sizeOfPiece = ({ bytes }: Piece): number => bytes.byteLength + OVERHEAD_BYTES;
