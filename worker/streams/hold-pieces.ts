import type { GatewayError } from "../contract/errors.ts";
import type { Piece, Pieces, PieceStep, StreamEnd } from "../domain/answers/answer-body.ts";
import type { Hold } from "../domain/answers/held-bytes.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { sizeOfPiece } from "./shared-pieces.ts";

/** The longest stream that is held back; a job keeps a little less. */
const MAX_HELD_STREAM_BYTES = 30 * 1024 * 1024;
/** How long to wait for others to let go of memory. */
const MAX_ROOM_MS = 10_000;
/** How often it is looked whether they have. */
const LOOK_MS = 50;

interface Holding {
  /** Opens the account of what is held. */
  readonly hold: (letGo: () => void) => Hold;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Reads a stream to its end before any of it is given on: the whole of it, or why it broke. It breaks off, too,
 * where it is too long, or the isolate has no room for it.
 */
export async function holdPieces(
  pieces: Pieces,
  { hold: open, sleep }: Holding,
): Promise<Result<Pieces, GatewayError>> {
  const held = new HeldPieces(open, () => void pieces.return(NO_ROOM));
  let next = await pieces.next();
  for (; !next.done; next = await pieces.next()) {
    held.add(next.value);
    const refused = held.isTooLong ? TOO_LONG : (await held.findRoom(sleep)) ? undefined : NO_ROOM;
    if (!refused) continue;
    await pieces.return(refused);
    held.close();
    return refused;
  }
  if (next.value.ok && !held.isLost) return ok(held.giveOn(next.value));
  held.close();
  return next.value.ok ? NO_ROOM : next.value;
}

/** Another target's answer would find no room either. */
export const NO_ROOM_TO_HOLD: GatewayError = {
  code: "overloaded",
  reason: "no memory for all of a stream that is held back",
};
const NO_ROOM = err(NO_ROOM_TO_HOLD);
const TOO_LONG = err({
  code: "upstream_invalid_response" as const,
  reason: "longer than a stream that is held back may be",
});

/** The pieces that are held, and the account of their bytes. */
class HeldPieces {
  readonly #hold: Hold;
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  /** It was let go of, for it had stood still. */
  isLost = false;

  constructor(open: Holding["hold"], onLost: () => void) {
    this.#hold = open(() => {
      if (this.isLost) return;
      this.isLost = true;
      this.close();
      onLost();
    });
  }

  get isTooLong(): boolean {
    return this.#bytes > MAX_HELD_STREAM_BYTES;
  }

  add(piece: Piece): void {
    this.#pieces.push(piece);
    this.#bytes += piece.bytes.byteLength;
    this.#hold.grow(sizeOfPiece(piece));
  }

  /** Waits until there is room for more; false where there is none after a while. */
  async findRoom(sleep: Holding["sleep"]): Promise<boolean> {
    for (let waitedMs = 0; this.#hold.isOver; waitedMs += LOOK_MS) {
      if (waitedMs >= MAX_ROOM_MS) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  close(): void {
    this.#pieces.length = 0;
    this.#hold.close();
  }

  /** The whole stream, which is let go of as it is read. */
  giveOn(end: StreamEnd): Pieces {
    return {
      next: () => Promise.resolve(this.#step(end)),
      return: (left) => {
        this.close();
        return Promise.resolve({ done: true, value: left });
      },
    };
  }

  #step(end: StreamEnd): PieceStep {
    const piece = this.#pieces.shift();
    if (piece) {
      this.#hold.grow(-sizeOfPiece(piece));
      return { done: false, value: piece };
    }
    this.#hold.close();
    return { done: true, value: this.isLost ? NO_ROOM : end };
  }
}
