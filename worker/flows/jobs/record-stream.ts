import type { GatewayError } from "../../contract/errors.ts";
import type { Usage } from "../../contract/responses.ts";
import type { Piece, Pieces, StreamEnd } from "../../domain/answers/answer-body.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { joinBytes } from "../../streams/read-bytes.ts";
import { MAX_ANSWER_BYTES } from "./collect-answer.ts";

/** A stream as a job keeps it: what its client would have got. */
export interface RecordedStream {
  readonly bytes: Uint8Array;
  readonly usage: Usage | null;
}

export interface Recording {
  /** Whether the event that says what was used belongs to the answer. */
  readonly includeUsage: boolean;
  /**
   * Called with every piece as it comes, including those that are not recorded. The next is read when there is room
   * for it; where there is none, the recording ends.
   */
  readonly hear: (piece: Piece) => true | Promise<boolean>;
  /** Called with what is recorded, in whole events. */
  readonly hearKept: (bytes: Uint8Array) => void;
}

/** Reads a stream to its end. One that breaks has no record: its run has failed. */
export async function recordStream(
  pieces: Pieces,
  { includeUsage, hear, hearKept }: Recording,
): Promise<Result<RecordedStream, GatewayError | "too_large">> {
  const kept: Uint8Array[] = [];
  let size = 0;
  let next = await pieces.next();
  for (; !next.done; next = await pieces.next()) {
    const room = hear(next.value);
    if (room !== true && !(await room)) {
      await pieces.return(NO_ROOM);
      return NO_ROOM;
    }
    if (next.value.usageOnly && !includeUsage) continue;
    size += next.value.bytes.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      await pieces.return(TOO_LONG);
      return err("too_large");
    }
    kept.push(next.value.bytes);
    hearKept(next.value.bytes);
  }
  const end = next.value;
  return end.ok ? ok({ bytes: joinBytes(kept, size), usage: end.value }) : end;
}

const NO_ROOM = err({ code: "overloaded" as const, reason: "no memory for all of a job's answer" });
const TOO_LONG: StreamEnd = err({ code: "upstream_invalid_response", reason: "longer than a job keeps" });
