import type { GatewayError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/responses.ts";
import type { Settlement } from "../money/settle.ts";
import type { Result } from "../result.ts";
import type { RotatedTry } from "../routing/upstream-failure.ts";
import type { WindowNote } from "../windows/request-window-protocol.ts";

/**
 * The most that is read of an answer, or of one event, which may hold a picture: a call of as many large
 * embeddings as providers take answers with some 30 MB.
 */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Part of a stream: whole events, as bytes. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** The event that only says what was used, which only clients that asked for it get. */
  readonly usageOnly: boolean;
  /** How many of its events are parts of the answer: about one a token. */
  readonly deltas: number;
}

/** How a stream ended: complete, with what it used where the provider said so, or broken. */
export type StreamEnd = Result<Usage | null, GatewayError>;

/** One step of reading a stream: a piece, or its end. */
export type PieceStep = IteratorResult<Piece, StreamEnd>;

/** A stream that still arrives. Leaving it before its end, by `return`, ends the upstream call. */
export interface Pieces {
  next(): Promise<PieceStep>;
  return(end: StreamEnd): Promise<PieceStep>;
  /**
   * Sends all of it to a sink, which stays open, without any code running for its events. Present where no
   * event has to be read or hidden; call it instead of `next`. Gives the end; undefined where the sink's
   * reader closed it.
   */
  pipeTo?(sink: WritableStream<Uint8Array>): Promise<PipeEnd | undefined>;
}

export interface PipeEnd {
  readonly end: StreamEnd;
  /** Whether what was sent tells its client of the failure. */
  readonly isTold: boolean;
  /** Whether the last event that was sent is whole. */
  readonly aligned: boolean;
  /** How many events were sent. */
  readonly events: number;
}

/** What a generator of pieces gives. */
export type PieceGenerator = AsyncGenerator<Piece, StreamEnd, undefined>;

/** An answer for the client: whole, or events or bytes that still arrive. */
export type AnswerBody = {
  /** Calls that failed before it, with other keys of the provider. */
  readonly rotated?: readonly RotatedTry[];
} & (
  | {
      readonly form: "json";
      readonly bytes: Uint8Array;
      readonly settlement: Settlement;
      /** The call that it shares with others. */
      readonly window?: WindowNote;
    }
  | {
      readonly form: "events";
      readonly pieces: Pieces;
      /** Settled when the stream has ended, or was left. */
      readonly settlement: Promise<Settlement>;
    }
  | {
      readonly form: "raw";
      readonly contentType: string;
      readonly stream: ReadableStream<Uint8Array>;
      readonly settlement: Promise<Settlement>;
    }
);

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
