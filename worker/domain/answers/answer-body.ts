import type { Usage } from "../../contract/responses.ts";
import type { WindowNote } from "../windows/request-window-protocol.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { Result } from "../result.ts";

/** Part of a stream: whole events, as bytes. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** The event that says what was used, which only those who asked for it get to see. */
  readonly usageOnly: boolean;
  /** How many of its events are parts of the answer: about one a token. */
  readonly deltas: number;
}

/** How a stream ended: complete, with what it used where the provider said so, or broken. */
export type StreamEnd = Result<Usage | null, GatewayError>;

/** One step of reading a stream: a piece, or its end. */
export type PieceStep = IteratorResult<Piece, StreamEnd>;

/** A stream on its way. Leaving it before its end, by `return`, ends the call behind it. */
export interface Pieces {
  next(): Promise<PieceStep>;
  return(end: StreamEnd): Promise<PieceStep>;
}

/** What a generator of pieces gives. */
export type PieceGenerator = AsyncGenerator<Piece, StreamEnd, undefined>;

/** An answer on its way to the client: whole, or as its events arrive. */
export type AnswerBody =
  | {
      readonly form: "json";
      readonly bytes: Uint8Array;
      readonly usage: Usage | null;
      /** The call that it shares with others. */
      readonly window?: WindowNote;
    }
  | { readonly form: "events"; readonly pieces: Pieces }
  | { readonly form: "raw"; readonly contentType: string; readonly stream: ReadableStream<Uint8Array> };

/** The stream from its first event, which has been read already. */
export function resume(first: PieceStep, rest: Pieces): Pieces {
  let ahead: PieceStep | undefined = first;
  return {
    next() {
      const step = ahead;
      ahead = undefined;
      return step ? Promise.resolve(step) : rest.next();
    },
    return: (end) => rest.return(end),
  };
}
