import type { Task } from "../../contract/requests.ts";
import type { Pieces } from "../../domain/answers/answer-body.ts";
import { countEvents, writeErrorEvent } from "../error-forms.ts";

export interface StreamOptions {
  readonly requestId: string;
  /** Decides the form of the event that tells of a failure. */
  readonly task: Task | undefined;
  /** Whether the client asked to see the usage event. */
  readonly showsUsage: boolean;
  readonly defer: (work: Promise<unknown>) => void;
}

/**
 * Sends pieces as they come. A broken stream ends with an error event and without `[DONE]`. When the client
 * leaves, the pieces are no longer read, which ends the upstream call.
 */
export function streamPieces(pieces: Pieces, options: StreamOptions): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  if (pieces.pipeTo) options.defer(pipe(pieces, writable, options));
  else options.defer(pump(pieces, writable.getWriter(), options));
  return readable;
}

/** Lets the platform send all of it; only the event of a failure is written here. */
async function pipe(
  pieces: Pieces,
  writable: WritableStream<Uint8Array>,
  { requestId, task }: StreamOptions,
): Promise<void> {
  try {
    const piped = await pieces.pipeTo?.(writable);
    if (!piped) return;
    const { end, isTold, aligned, events } = piped;
    const writer = writable.getWriter();
    // Where the last event was cut off, an empty line ends it, so that the error event is one of its own.
    if (!end.ok && !isTold) {
      const event = writeErrorEvent(end.error, requestId, task, events);
      await writer.write(encoder.encode(aligned ? event : `\n\n${event}`));
    }
    await writer.close();
  } catch {
    // The client has left: a write to it fails.
    await pieces.return({ ok: false, error: { code: "client_closed" } });
  }
}

async function pump(
  pieces: Pieces,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { requestId, task, showsUsage }: StreamOptions,
): Promise<void> {
  let sent = 0;
  try {
    let next = await pieces.next();
    for (; !next.done; next = await pieces.next()) {
      if (!showsUsage && next.value.usageOnly) continue;
      // Only the error event of this dialect has the number of events before it.
      if (task === "responses") sent += countEvents(next.value.bytes);
      await writer.write(next.value.bytes);
    }
    if (!next.value.ok) {
      await writer.write(encoder.encode(writeErrorEvent(next.value.error, requestId, task, sent)));
    }
    await writer.close();
  } catch {
    // The client has left: a write to it fails.
    await pieces.return({ ok: false, error: { code: "client_closed" } });
  }
}

const encoder = new TextEncoder();
