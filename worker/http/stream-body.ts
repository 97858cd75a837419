import { buildErrorBody, type GatewayError } from "../contract/errors.ts";
import type { Pieces } from "../domain/answer-body.ts";
import { writeEvent } from "../domain/server-sent-events.ts";

export interface StreamOptions {
  readonly requestId: string;
  /** Whether the client asked to see the usage event. */
  readonly includeUsage: boolean;
  readonly defer: (work: Promise<unknown>) => void;
}

/**
 * Sends pieces as they come. A broken stream ends with an error event and without `[DONE]`; a client
 * that leaves ends the reading of the pieces, and with it the call behind them.
 */
export function streamPieces(pieces: Pieces, options: StreamOptions): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  options.defer(pump(pieces, writable.getWriter(), options));
  return readable;
}

async function pump(
  pieces: Pieces,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { requestId, includeUsage }: StreamOptions,
): Promise<void> {
  try {
    let next = await pieces.next();
    for (; !next.done; next = await pieces.next()) {
      if (includeUsage || !next.value.usageOnly) await writer.write(next.value.bytes);
    }
    if (!next.value.ok) await writer.write(errorEvent(next.value.error, requestId));
    await writer.close();
  } catch {
    // The client has left: a write to it fails.
    await pieces.return({ ok: false, error: { code: "client_closed" } });
  }
}

const errorEvent = (error: GatewayError, requestId: string) =>
  new TextEncoder().encode(writeEvent(JSON.stringify(buildErrorBody(error, requestId))));
